/** Texts that contract and access word: what is wrong with a filter or with rights, and the names of roles. */
export const known = {
  viewer: '조회자',
  operator: '운영자',
  admin: '관리자',
  'The worker that sent the message died before the reply came.': '메시지를 보낸 워커가 응답이 오기 전에 종료되었습니다.',
  'Attempt {number} was the last of the schedule. {more}': '{number}번째 시도가 재시도 일정의 마지막이었습니다. {more}',
  'Attempt {number} was the last of the schedule.': '{number}번째 시도가 재시도 일정의 마지막이었습니다.',
  'may be given once': '한 번만 지정할 수 있습니다',
  'must have at most {max} characters': '최대 {max}자여야 합니다',
  'must be one of: {list}; separate several with commas': '다음 중 하나여야 합니다: {list}. 여러 개는 쉼표로 구분하십시오',
  'must be one of: {list}': '다음 중 하나여야 합니다: {list}',
  'must be the id of a failure group, as a list shows it; separate several with commas':
    '목록에 표시된 실패 그룹의 ID여야 합니다. 여러 개는 쉼표로 구분하십시오',
  'has more than {max} failure groups': '실패 그룹이 {max}개를 넘습니다',
  'must be one address, such as anne@example.com, a domain, such as example.com, or the part before the @ with it, such as anne@':
    'anne@example.com 같은 주소 하나, example.com 같은 도메인, 또는 anne@처럼 @까지의 앞부분이어야 합니다',
  'must be a reason code: of a reply, such as 550 5.1.1, of an error, such as ECONNREFUSED, or a word such as expired':
    '550 5.1.1 같은 응답 코드, ECONNREFUSED 같은 오류 코드, 또는 expired 같은 사유 코드여야 합니다',
  'must be true, or absent': 'true이거나 없어야 합니다',
  'must be a Message-ID with its angle brackets, such as <1@example.com>': '<1@example.com>처럼 꺾쇠괄호가 있는 Message-ID여야 합니다',
  'has a blank where its offset has +, which is %2B in a URL; it must be a time, such as {example}':
    '시간대의 +가 있어야 할 곳에 공백이 있습니다(URL에서는 %2B). {example} 같은 시각이어야 합니다',
  'has no time zone (Z, or an offset such as +09:00); it must be a time, such as {example}':
    '시간대(Z 또는 +09:00 같은 오프셋)가 없습니다. {example} 같은 시각이어야 합니다',
  'must be a time, such as {example}': '{example} 같은 시각이어야 합니다',
  'The rights {issues}': '{issues}',
  'are empty; they are joined by +, such as send+read-own': '비어 있습니다. send+read-own처럼 +로 연결하십시오',
  'contain "{part}"; they are {list}, from=<domain>, template=<name>, rate=<mails>/<s, min or h>':
    '"{part}"은(는) 권한이 아닙니다. {list}, from=<도메인>, template=<이름>, rate=<통수>/<s, min 또는 h>를 쓸 수 있습니다',
  'contain {list} more than once': '{list}이(가) 두 번 이상 있습니다',
  'contain both {one} and {other}; state one of them': '{one}과(와) {other}이(가) 모두 있습니다. 하나만 쓰십시오',
  'contain content without read-own or read-all': 'content가 있지만 read-own이나 read-all이 없습니다',
  'limit what is sent without containing send': '발송을 제한하지만 send가 없습니다',
  'contain from= with what is not a domain, such as example.com; write an international one in its xn-- form':
    'from=의 값이 example.com 같은 도메인이 아닙니다. 다국어 도메인은 xn-- 형식으로 쓰십시오',
  'contain template= with what is not the name of a template': 'template=의 값이 템플릿 이름이 아닙니다',
  'contain more than {max} domains or templates': '도메인이나 템플릿이 {max}개를 넘습니다',
  'contain more than one rate': 'rate가 둘 이상 있습니다',
  'contain a rate that is not rate=<mails>/<s, min or h>, with 1 to {max} mails':
    'rate는 rate=<통수>/<s, min 또는 h>여야 하고 통수는 1에서 {max}까지입니다',
};
