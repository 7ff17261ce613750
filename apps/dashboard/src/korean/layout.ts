/** Menu, search, account and footer. */
export const layout = {
  'Skip to content': '본문으로 건너뛰기',
  Main: '주 메뉴',
  Overview: '개요',
  Mails: '메일',
  Failures: '실패',
  'Bulk actions': '일괄 작업',
  Queue: '대기열',
  Providers: '릴레이',
  'API keys': 'API 키',
  Users: '사용자',
  Audit: '감사 기록',
  'Find a mail': '메일 찾기',
  'Mail id, Message-ID or recipient': '메일 ID, Message-ID 또는 수신자',
  'Sign out': '로그아웃',
  Language: '언어',
  'Times are in {zone}. “Sent” means accepted by the relay; only the relay knows whether a mail reached the mailbox.':
    '시각은 {zone} 기준입니다. “발송됨”은 릴레이가 메일을 접수했다는 뜻이며, 메일함까지 도착했는지는 릴레이만 알 수 있습니다.',
};
