/** The page of a mail, the confirmations of the actions on it, and copies. */
export const mail = {
  // Actions and their confirmations.
  'Retry this mail?': '이 메일을 다시 보내시겠습니까?',
  'Cancel this mail?': '이 메일을 취소하시겠습니까?',
  'Cancel this mail': '이 메일 취소',
  'Mark this mail as delivered?': '이 메일을 전달된 것으로 표시하시겠습니까?',
  'Send this mail again?': '이 메일을 한 번 더 보내시겠습니까?',
  'The mail is queued again for the recipients that were rejected, and its schedule of attempts starts over.':
    '거부된 수신자에게 보내기 위해 메일을 다시 대기열에 넣고, 시도 일정을 처음부터 시작합니다.',
  'The mail is not sent to the recipients that do not have it yet, and its content is deleted. This cannot be undone.':
    '아직 받지 못한 수신자에게는 메일을 보내지 않으며 내용을 삭제합니다. 이 작업은 되돌릴 수 없습니다.',
  'The mail ends as sent, and its content is deleted. This cannot be undone.':
    '메일을 발송된 것으로 처리하고 내용을 삭제합니다. 이 작업은 되돌릴 수 없습니다.',
  'The mail is queued again with the same Message-ID. If it has arrived after all, the recipient gets a duplicate.':
    '같은 Message-ID로 메일을 다시 대기열에 넣습니다. 이미 도착한 메일이라면 수신자는 같은 메일을 두 번 받게 됩니다.',
  'This is not possible. State of the mail: {state}.': '지금은 할 수 없습니다. 메일 상태: {state}.',
  Recipients: '수신자',
  'Not affected': '영향 없음',
  '{count, plural, one {# recipient has the mail} other {# recipients have the mail}}, and never gets it again.':
    '수신자 {count}명은 이미 메일을 받았으며 다시 받지 않습니다.',
  unknown: '알 수 없음',
  '{count, plural, one {# recipient} other {# recipients}}': '{count}명',
  'The server knows no such address: {addresses}': '서버에 없는 주소입니다: {addresses}',
  'Sent there again, the mail will be rejected again.': '이 주소로 다시 보내도 다시 거부됩니다.',
  'Send a copy to the right address': '올바른 주소로 사본 보내기',
  'Actions on mails require the role operator.': '메일에 대한 작업에는 운영자 역할이 필요합니다.',
  'Nothing changed. State of the mail: {state}.': '변경된 것이 없습니다. 메일 상태: {state}.',
  'Queued again for rejected recipients.': '거부된 수신자에게 다시 보내도록 대기열에 넣었습니다.',
  'Queued to be sent now.': '지금 보내도록 대기열에 넣었습니다.',
  'Cancelled.': '취소했습니다.',
  'Marked as sent.': '발송된 것으로 표시했습니다.',
  'Queued again for recipients whose outcome is unknown.': '결과를 알 수 없는 수신자에게 다시 보내도록 대기열에 넣었습니다.',
  'Only rejected recipients of a mail whose content is still kept can be sent to again. Recipients who have the mail never get it again.':
    '내용이 아직 보관된 메일의 거부된 수신자에게만 다시 보낼 수 있습니다. 이미 받은 수신자에게는 다시 보내지 않습니다.',
  'Only a scheduled or retrying mail can be sent now.': '예약되었거나 재시도 중인 메일만 지금 보낼 수 있습니다.',
  'A mail can be cancelled until its message is being transmitted.': '메일은 메시지 전송이 시작되기 전까지만 취소할 수 있습니다.',
  'Only an uncertain mail can be resolved; another user may have resolved it already.':
    '결과가 불확실한 메일만 처리할 수 있습니다. 다른 사용자가 이미 처리했을 수 있습니다.',
  'Unknown action': '알 수 없는 작업',
  'The actions on a mail are: {actions}.': '메일에 할 수 있는 작업: {actions}.',

  // Copies.
  'Send a copy': '사본 보내기',
  Reschedule: '발송 시각 변경',
  'Send a copy of this mail?': '이 메일의 사본을 보내시겠습니까?',
  'A new mail with the same content is sent, with an id and a Message-ID of its own. This mail and its history stay as they are.':
    '같은 내용의 새 메일을 새 ID와 새 Message-ID로 보냅니다. 이 메일과 이력은 그대로 유지됩니다.',
  'To {count, plural, one {# recipient} other {# recipients}}': '수신자 {count}명',
  'Correct an address here; separate several with commas. The content stays as it is, also where it has the address.':
    '여기에서 주소를 고칠 수 있습니다. 여러 주소는 쉼표로 구분하십시오. 내용에 주소가 들어 있어도 내용은 바뀌지 않습니다.',
  'The content has sensitive values, so the copy goes to these recipients only and no address can be corrected. The application must request a mail to another address.':
    '내용에 민감한 값이 있어 이 수신자에게만 보낼 수 있으며 주소는 고칠 수 없습니다. 다른 주소로 보내려면 애플리케이션이 메일을 다시 요청해야 합니다.',
  'No copy can be sent: the content was not kept completely.': '사본을 보낼 수 없습니다. 내용이 모두 보관되어 있지 않습니다.',
  'Sensitive values and attachments are deleted once a mail is sent. If it is needed again, the application must request it.':
    '민감한 값과 첨부 파일은 메일이 발송되면 삭제됩니다. 다시 필요하면 애플리케이션에서 요청해야 합니다.',
  'Nothing was sent: the content has sensitive values.': '보내지 않았습니다. 내용에 민감한 값이 있습니다.',
  'Such a copy goes to recipients of the mail only. The application must request a mail to another address.':
    '이러한 사본은 메일의 원래 수신자에게만 보낼 수 있습니다. 다른 주소로 보내려면 애플리케이션에서 새로 요청해야 합니다.',
  'No copy can be sent: the template has changed or is gone.': '사본을 보낼 수 없습니다. 템플릿이 변경되었거나 없습니다.',
  'Its present version does not take the data of this mail. The application must request the mail again.':
    '현재 버전의 템플릿에는 이 메일의 데이터를 쓸 수 없습니다. 애플리케이션에서 메일을 다시 요청해야 합니다.',
  'Nothing was sent: somebody else has sent a copy in the meantime.': '보내지 않았습니다. 그동안 다른 사용자가 사본을 보냈습니다.',
  'It is listed below. If another one is needed all the same, confirm again.':
    '아래 목록에 있습니다. 그래도 더 필요하면 다시 확인하십시오.',
  '{count, plural, one {A copy was} other {# copies were}} sent before.': '이미 보낸 사본이 {count}통 있습니다.',
  'To {addresses}': '{addresses}에게',
  '{text} is not an address. Write one such as anne@example.com, and separate several with commas.':
    '{text}은(는) 올바른 주소가 아닙니다. anne@example.com과 같이 쓰고, 여러 주소는 쉼표로 구분하십시오.',
  'At most {max} recipients are possible.': '수신자는 최대 {max}명까지 가능합니다.',
  'The copy is accepted and will be sent. This is its page.': '사본을 접수했으며 곧 발송합니다. 이 페이지는 사본의 페이지입니다.',
  '{who} has sent this copy already. Nothing was sent again.': '{who}님이 이미 이 사본을 보냈습니다. 다시 보내지 않았습니다.',
  'Go to the original': '원본 메일로 이동',
  'Copy of': '원본 메일',
  Original: '원본 메일',
  'Copy to {to}': '{to}에게 보낸 사본',

  // State and advice.
  'A worker is sending it. It can be cancelled until the message is being transmitted.':
    '워커가 보내는 중입니다. 메시지 전송이 시작되기 전까지 취소할 수 있습니다.',
  'If the cause is fixed, send it now.': '원인을 해결했다면 지금 보내십시오.',
  'Not sent in time, and the content was deleted. If it is still needed, the application must request it again.':
    '제때 발송되지 못해 내용이 삭제되었습니다. 아직 필요하면 애플리케이션에서 다시 요청해야 합니다.',
  'Cancelled before sending. The content was deleted.': '발송 전에 취소되었습니다. 내용은 삭제되었습니다.',
  'Accepted by the relay. To find out whether it reached the mailbox, look for the Message-ID in the log of the relay.':
    '릴레이가 접수했습니다. 메일함에 도착했는지 확인하려면 릴레이 로그에서 Message-ID를 찾으십시오.',
  'No copy can be sent, because the content was not kept completely. If it is needed again, the application must request it.':
    '내용이 모두 보관되어 있지 않아 사본을 보낼 수 없습니다. 다시 필요하면 애플리케이션에서 요청해야 합니다.',
  'Sent to some recipients, not to all.': '일부 수신자에게만 발송되었습니다.',
  'The server knows no such address, so a retry does not help. A copy can go to the right address, unless the content has sensitive values: then the application must request the mail again.':
    '서버에 없는 주소이므로 다시 보내도 소용이 없습니다. 올바른 주소로 사본을 보낼 수 있습니다. 단, 내용에 민감한 값이 있으면 애플리케이션이 메일을 다시 요청해야 합니다.',
  'Not retried automatically. Fix the cause, then retry; only rejected recipients get it.':
    '자동으로 다시 보내지 않습니다. 원인을 해결한 뒤 다시 보내십시오. 거부된 수신자만 받게 됩니다.',
  'The content was deleted. If the other recipients need it, the application must request it again.':
    '내용이 삭제되었습니다. 다른 수신자에게 필요하면 애플리케이션에서 다시 요청해야 합니다.',
  "The message was transmitted, but the relay's reply did not arrive:": '메시지를 전송했지만 릴레이의 응답을 받지 못했습니다.',
  'it is unknown whether the mail was delivered.': '메일이 전달되었는지 알 수 없습니다.',
  'Look for the Message-ID in the log of the relay, or ask the recipient. If it arrived, mark it as delivered. If not, send it again. If it did arrive and is sent again, the recipient gets a duplicate.':
    '릴레이 로그에서 Message-ID를 찾거나 수신자에게 확인하십시오. 도착했다면 전달된 것으로 표시하고, 그렇지 않다면 한 번 더 보내십시오. 이미 도착한 메일을 다시 보내면 수신자는 같은 메일을 두 번 받게 됩니다.',
  'Waiting since {time} ({relative}).': '{time}부터 대기 중입니다({relative}).',
  'It is sent once the provider can be used again.': '릴레이를 다시 사용할 수 있게 되면 발송됩니다.',
  'It waits for {name}, which is down.': '현재 사용할 수 없는 {name} 릴레이를 기다리고 있습니다.',
  'at {time} ({relative})': '{time}({relative})',
  'It is due, and waits for a free worker.': '발송할 시각이 되어 처리할 워커를 기다리고 있습니다.',
  'The provider could not take it, {count, plural, one {once} other {# times}} so far. This uses none of its attempts.':
    '릴레이가 지금까지 {count}번 메일을 받지 못했습니다. 이는 시도 횟수에 포함되지 않습니다.',
  'Scheduled for {time} ({relative}).': '{time}에 발송하도록 예약되었습니다({relative}).',
  'Next attempt at {time} ({relative}).': '다음 시도: {time}({relative}).',
  'Attempt {number} of {max} is next.': '다음은 총 {max}회 중 {number}번째 시도입니다.',
  'Attempt {number} of {max} at {time} ({relative}).': '총 {max}회 중 {number}번째 시도: {time}({relative}).',
  Address: '주소',
  When: '시각',
  'Not sent': '보내지 않음',

  // History.
  History: '이력',
  'History, newest first': '이력(최신순)',
  'accepted by the relay': '릴레이가 접수함',
  'temporary failure': '일시적 실패',
  'deferred, provider not available': '보류됨, 릴레이를 사용할 수 없음',
  'permanent failure': '영구적 실패',
  'outcome unknown': '결과를 알 수 없음',
  'accepted for {accepted} of {all} recipients': '수신자 {all}명 중 {accepted}명에 대해 접수됨',
  '{count, plural, one {# step} other {# steps}}': '{count}단계',
  '(no reply)': '(응답 없음)',
  'Server reply': '서버 응답',
  'This decided the attempt.': '이 응답으로 결과가 정해졌습니다.',
  'Being sent by a worker': '워커가 보내는 중',
  'Transmission of the message started; the relay has not replied yet.': '메시지 전송을 시작했으며 릴레이가 아직 응답하지 않았습니다.',
  'Attempt {number}: {outcome}': '{number}번째 시도: {outcome}',
  'Put back by a worker': '워커가 되돌려 놓음',
  'Neither an attempt nor a deferral was counted.': '시도나 보류 횟수에 포함되지 않았습니다.',
  '{count, plural, one {Deferred once} other {Deferred # times, most recently}}': '{count}번 보류됨, 마지막 보류',
  'A problem of the provider, not of the mail. A deferral does not count as an attempt.':
    '메일이 아니라 릴레이의 문제입니다. 보류는 시도 횟수에 포함되지 않습니다.',
  Retried: '다시 보냄',
  'The record no longer has by whom.': '누가 했는지는 기록에 남아 있지 않습니다.',
  'Bulk action': '일괄 작업',
  '{count, plural, one {# earlier attempt is} other {# earlier attempts are}} no longer kept':
    '이전 시도 {count}회는 더 이상 보관되지 않음',
  'Received, API key {name}': '접수됨, API 키 {name}',
  'Due, held back by a pause': '발송할 시각이 됨, 일시 중지로 보류 중',
  'Due, waiting for the provider': '발송할 시각이 됨, 릴레이를 기다리는 중',
  'Waiting for the provider': '릴레이를 기다리는 중',
  'Due, waiting for a worker': '발송할 시각이 됨, 워커를 기다리는 중',
  'First attempt': '첫 시도',
  'Next attempt': '다음 시도',
  '{action} by {who}': '{action}: {who}',
  'API key {name}': 'API 키 {name}',
  'Marked as delivered by a user.': '사용자가 전달된 것으로 표시했습니다.',

  // Details.
  Details: '상세 정보',
  high: '높음',
  normal: '보통',
  low: '낮음',
  'Mail id': '메일 ID',
  'Message-ID': 'Message-ID',
  'API key': 'API 키',
  Received: '접수 시각',
  'Scheduled for': '예약 시각',
  Expires: '만료 시각',
  Finished: '종료 시각',
  'Template version (accepted)': '템플릿 버전(접수 시)',
  'Template version (sent)': '템플릿 버전(발송 시)',
  Priority: '우선순위',
  Tags: '태그',
  Attempts: '시도 횟수',
  'If delivery is unknown': '전달 여부를 모를 때',
  'wait for a user to decide': '사용자의 결정을 기다림',
  'send again with the same Message-ID': '같은 Message-ID로 다시 보냄',
  Copy: '복사',
  Copied: '복사됨',
  'Copy: {name}': '복사: {name}',

  // Message.
  Message: '메시지',
  HTML: 'HTML',
  Text: '텍스트',
  Headers: '헤더',
  Source: '원문',
  Phone: '휴대전화',
  '600 px': '600 px',
  Full: '전체 너비',
  'No content': '내용 없음',
  'Only the subject of a message of this size is kept.': '이 크기의 메시지는 제목만 보관합니다.',
  'The message cannot be shown.': '메시지를 표시할 수 없습니다.',
  'Kept until {time}.': '{time}까지 보관됩니다.',
  'Sensitive values were not kept:': '민감한 값은 보관되지 않았습니다:',
  'Sensitive values are masked:': '민감한 값은 가려져 있습니다:',
  'Attachments were not kept:': '첨부 파일은 보관되지 않았습니다:',
  'Views of the message': '메시지 보기',
  Width: '너비',
  'Hide remote images': '외부 이미지 숨기기',
  'Load remote images (the sender will see it)': '외부 이미지 불러오기(발신자가 알 수 있음)',
  Download: '다운로드',
  'type guessed from the name': '이름으로 추정한 형식',
  'The first {max} KB. Download the message to see all of it.': '처음 {max} KB입니다. 전체를 보려면 메시지를 다운로드하십시오.',
  'The content was deleted when its retention ended': '보관 기간이 끝나 내용이 삭제되었습니다',
  'The record has no content': '기록에 내용이 없습니다',
  'It is kept where the template states which data is sensitive, and does not say otherwise':
    '템플릿이 민감한 데이터를 지정하고 달리 정하지 않은 경우에 보관됩니다',
  'Custom content is kept while CONTENT_RETENTION says so': '직접 작성한 내용은 CONTENT_RETENTION에 정한 동안 보관됩니다',
  'The content was deleted after sending': '발송 후 내용이 삭제되었습니다',
  'The content was deleted when the mail was cancelled': '메일이 취소되어 내용이 삭제되었습니다',
  'The content was deleted when the mail expired': '메일이 만료되어 내용이 삭제되었습니다',
  'This message cannot be displayed. See its source, or download it.': '이 메시지를 표시할 수 없습니다. 원문을 보거나 다운로드하십시오.',
  'Sent with template version {before}; the present version is {hash}.':
    '템플릿 버전 {before}(으)로 발송되었으며 현재 버전은 {hash}입니다.',
  'Shown with the present template version {hash}; sent with version {before}.':
    '현재 템플릿 버전 {hash}(으)로 표시합니다. 발송 당시 버전은 {before}입니다.',
  'Shown with the present template version {hash}; accepted with version {before}.':
    '현재 템플릿 버전 {hash}(으)로 표시합니다. 접수 당시 버전은 {before}입니다.',
  'Shown with the present template version {hash}; last attempt with version {before}.':
    '현재 템플릿 버전 {hash}(으)로 표시합니다. 마지막 시도 당시 버전은 {before}입니다.',
  'No message to show': '표시할 메시지가 없습니다',
  'The page of the mail has the reason.': '메일 페이지에서 이유를 확인하십시오.',

  // The page.
  'from {from}': '발신: {from}',
  'to {to}, from {from}': '수신: {to}, 발신: {from}',
  'Template data': '템플릿 데이터',
  'Sensitive values are masked.': '민감한 값은 가려져 있습니다.',
  Metadata: '메타데이터',
  'Set by the application. It is not sent.': '애플리케이션이 설정한 값이며 발송되지 않습니다.',
  'Unreadable mail': '읽을 수 없는 메일',
  'The record cannot be read.': '기록을 읽을 수 없습니다.',
  '{error}. Only fields that are not sealed are shown.': '{error}. 봉인되지 않은 항목만 표시합니다.',
  'Mail to {to}': '{to}에게 보낸 메일',
  '{template} mail to {to}': '{to}에게 보낸 {template} 메일',
  '{addresses} and {more} more': '{addresses} 외 {more}명',
  '({more, number} more characters)': '({more, number}자 더 있음)',
  'Mail not found': '메일을 찾을 수 없습니다',
  'No mail has this id, or its record has expired.': '이 ID의 메일이 없거나 기록 보관 기간이 끝났습니다.',
};
