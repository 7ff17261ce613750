/** Causes of failures, and the overview's list of them. */
export const failures = {
  Cause: '원인',
  'Top failures': '주요 실패 원인',
  'All failures': '실패 전체 보기',
  'No failing mails': '실패한 메일이 없습니다',
  'No mail has failed, is uncertain or is being retried.': '실패했거나 결과가 불확실하거나 재시도 중인 메일이 없습니다.',
  'No matching failures': '조건에 맞는 실패가 없습니다',
  'Show all failures': '실패 전체 보기',
  'Mails that failed, are being retried, expired, are uncertain or were partly sent appear here by cause.':
    '실패, 재시도 중, 만료, 결과 불확실, 일부 발송 상태의 메일이 원인별로 여기에 표시됩니다.',
  'Only the largest failure groups are counted. The others appear when these are resolved.':
    '규모가 큰 실패 그룹만 집계했습니다. 이 그룹들이 해결되면 나머지가 표시됩니다.',
  'Causes {from, number} to {to, number} of {count, number}': '전체 {count, number}개 원인 중 {from, number}–{to, number}',
  '{causes, plural, one {# cause} other {# causes}} · {mails, plural, one {# mail} other {# mails}}':
    '원인 {causes, number}개 · 메일 {mails, number}통',
  'Any time': '전체 기간',
  'Most mails': '메일이 많은 순',
  'Most in the last hour': '최근 1시간에 많은 순',
  'Newest cause': '새로 나타난 순',
  'Causes of failures': '실패 원인',
  'Actions on the mails of the selected causes': '선택한 원인의 메일에 대한 작업',
  'Selected causes:': '선택한 원인:',
  'Selected causes: {rows} · mails: {mails}': '선택한 원인 {rows}개 · 메일 {mails}통',
  'Select {cause}': '{cause} 선택',
  new: '새 원인',
  '{count, plural, one {# group} other {# groups}}': '그룹 {count, number}개',
  '{count} smaller groups more': '더 작은 그룹 {count}개',
  'not sent to a provider': '릴레이로 보내지 않음',
  'via {provider}': '{provider} 경유',
  'and {count} more': '외 {count}개',
};
