/** Error pages: failures of Redis, access, and requests that cannot be answered. */
export const errors = {
  'Redis does not respond': 'Redis가 응답하지 않습니다',
  'The dashboard reads everything from Redis. What to do: {fix}. Then reload this page.':
    '대시보드는 모든 정보를 Redis에서 읽습니다. 해결 방법: {fix}. 그런 다음 이 페이지를 새로고침하십시오.',
  'Redis cannot be reached': 'Redis에 연결할 수 없습니다',
  'start Redis, or correct REDIS_URL; the process reconnects on its own':
    'Redis를 시작하거나 REDIS_URL을 수정하십시오(프로세스는 자동으로 다시 연결됩니다)',
  'Redis is a replica': 'Redis가 복제본입니다',
  'let REDIS_URL lead to the primary; after a failover the process reconnects on its own':
    'REDIS_URL이 주 서버를 가리키게 하십시오(장애 조치 후에는 자동으로 다시 연결됩니다)',
  'Redis is loading its data': 'Redis가 데이터를 불러오는 중입니다',
  'wait; the process reconnects on its own': '기다리십시오(프로세스는 자동으로 다시 연결됩니다)',
  'The memory of Redis is full': 'Redis의 메모리가 가득 찼습니다',
  'raise maxmemory, or add memory': 'maxmemory를 늘리거나 메모리를 추가하십시오',
  'Redis cannot write its data to disk': 'Redis가 데이터를 디스크에 쓸 수 없습니다',
  'free the disk; the log of Redis has the reason': '디스크 공간을 확보하십시오(원인은 Redis 로그에 있습니다)',
  'Redis has fewer replicas than min-replicas-to-write': 'Redis의 복제본 수가 min-replicas-to-write보다 적습니다',
  'start them': '복제본을 시작하십시오',
  'Fewer replicas of Redis than REDIS_WAIT_REPLICAS have what was written':
    '기록한 내용을 가진 Redis 복제본의 수가 REDIS_WAIT_REPLICAS보다 적습니다',
  'start them, or lower REDIS_WAIT_REPLICAS': '복제본을 시작하거나 REDIS_WAIT_REPLICAS를 낮추십시오',
  'Redis refuses the login': 'Redis가 로그인을 거부합니다',
  'correct user and password in REDIS_URL': 'REDIS_URL의 사용자와 비밀번호를 수정하십시오',
  'Redis does not have the database that REDIS_URL names': 'REDIS_URL에 지정한 데이터베이스가 Redis에 없습니다',
  'let REDIS_URL end with a number below the setting databases of Redis, or with none':
    'REDIS_URL 끝의 번호를 Redis의 databases 설정보다 작게 하거나 없애십시오',
  'Redis denies a command to the user of REDIS_URL': 'Redis가 REDIS_URL 사용자의 명령을 거부합니다',
  'give the user the rights in docs/operations.md; the log names those that are missing':
    'docs/operations.md에 있는 권한을 사용자에게 부여하십시오. 빠진 권한은 로그에 있습니다',
  'Another server of the Redis Cluster has the keys of Posthouse': 'Redis Cluster의 다른 서버에 Posthouse의 키가 있습니다',
  'wait; the process finds that server on its own': '기다리십시오(프로세스가 해당 서버를 자동으로 찾습니다)',
  'Redis is part of a Redis Cluster': 'Redis가 Redis Cluster에 속해 있습니다',
  'let REDIS_URL begin with redis+cluster://': 'REDIS_URL을 redis+cluster://로 시작하게 하십시오',
  'No server of the Redis Cluster serves the keys of Posthouse': 'Posthouse의 키를 처리하는 Redis Cluster 서버가 없습니다',
  'see CLUSTER INFO and CLUSTER NODES; the process reconnects on its own when a server serves them':
    'CLUSTER INFO와 CLUSTER NODES를 확인하십시오. 처리하는 서버가 생기면 프로세스가 자동으로 다시 연결됩니다',
  'No Sentinel can be reached': 'Sentinel에 연결할 수 없습니다',
  'start them, or correct the hosts in REDIS_URL; the process reconnects on its own':
    'Sentinel을 시작하거나 REDIS_URL의 호스트를 수정하십시오(프로세스는 자동으로 다시 연결됩니다)',
  'No Sentinel knows the master that REDIS_URL names': 'REDIS_URL에 지정한 마스터를 아는 Sentinel이 없습니다',
  'correct the name after the hosts in REDIS_URL, or let the Sentinels monitor that master':
    'REDIS_URL에서 호스트 뒤의 이름을 수정하거나 Sentinel이 그 마스터를 감시하게 하십시오',
  'The master that the Sentinels name cannot be reached': 'Sentinel이 알려 준 마스터에 연결할 수 없습니다',
  'wait for their failover; otherwise start the master, or correct the address that it announces':
    'Sentinel의 장애 조치를 기다리십시오. 장애 조치가 없으면 마스터를 시작하거나 마스터가 알리는 주소를 수정하십시오',
  'Redis has as many connections as maxclients allows': 'Redis의 연결 수가 maxclients에 도달했습니다',
  'raise maxclients, or end connections of others; the process reconnects on its own':
    'maxclients를 늘리거나 다른 연결을 종료하십시오(프로세스는 자동으로 다시 연결됩니다)',
  'Redis is older than version 6.2': 'Redis 버전이 6.2보다 낮습니다',
  'use Redis 6.2 or later; the process reconnects on its own': 'Redis 6.2 이상을 사용하십시오(프로세스는 자동으로 다시 연결됩니다)',
  'The mails in Redis are sealed with another POSTHOUSE_SECRET': 'Redis의 메일이 다른 POSTHOUSE_SECRET으로 봉인되어 있습니다',
  'set the one that the other processes have': '다른 프로세스와 같은 값을 설정하십시오',
  'A key of Posthouse in Redis holds something that it has not written': 'Redis의 Posthouse 키에 Posthouse가 쓰지 않은 값이 있습니다',
  'the log has the error of Redis; restore or delete that key, and run npm run reindex':
    '로그에서 Redis 오류를 확인하고 해당 키를 복원하거나 삭제한 뒤 npm run reindex를 실행하십시오',
  'Redis refuses commands temporarily': 'Redis가 일시적으로 명령을 거부합니다',
  'see the log of Redis': 'Redis 로그를 확인하십시오',
  'Nothing was changed: {error}. A mail that has not been sent can still be cancelled. It is deleted after its retention.':
    '변경된 것이 없습니다({error}). 아직 발송되지 않은 메일은 취소할 수 있으며, 보관 기간이 끝나면 삭제됩니다.',
  'The record of this mail cannot be read': '이 메일의 기록을 읽을 수 없습니다',
  'Invalid URL': '잘못된 주소입니다',
  '“{name}={value}” is not valid. {advice}': '“{name}={value}”은(는) 올바르지 않습니다. {advice}',
  'The value must be one of: {list}.': '다음 중 하나여야 합니다: {list}.',
  'The value must be a whole number from 1.': '1 이상의 정수여야 합니다.',
  'The value must be a time, such as {example}.': '{example} 같은 시각이어야 합니다.',
  'No value is possible here.': '여기서는 값을 지정할 수 없습니다.',
  'Its path has a % that stands for no character; %25 is the character % itself. Copy the link again.':
    '경로에 문자를 나타내지 않는 %가 있습니다. % 문자 자체는 %25로 씁니다. 링크를 다시 복사하십시오.',
  'Invalid request': '잘못된 요청입니다',
  'Internal error': '내부 오류가 발생했습니다',
  'The log of the dashboard has the error with its stack trace.': '대시보드 로그에서 오류와 스택 추적을 확인하십시오.',
  'Go to the overview': '개요로 이동',
  'Request from another site': '다른 사이트에서 보낸 요청입니다',
  'Nothing was changed. Open the dashboard and try again there.': '변경된 것이 없습니다. 대시보드를 열고 다시 시도하십시오.',
  'This requires the role {role}': '{role} 역할이 필요합니다',
  'You are signed in as {name} with the role {role}. An admin can change it.':
    '{name}(으)로 로그인했으며 역할은 {role}입니다. 역할은 관리자가 변경할 수 있습니다.',
  'The action is unknown. Start again from the list of mails.': '알 수 없는 작업입니다. 메일 목록에서 다시 시작하십시오.',
  'At most {max} mails can be selected. Use a filter instead.': '메일은 최대 {max}통까지 선택할 수 있습니다. 필터를 사용하십시오.',
  'A selected mail has an invalid id. Start again from the list of mails.':
    '선택한 메일의 ID가 올바르지 않습니다. 메일 목록에서 다시 시작하십시오.',
  'Invalid filter: {issues}.': '필터가 올바르지 않습니다: {issues}.',
  'No mails are selected. Select some in the list of mails, or start from the action for all matching mails.':
    '선택한 메일이 없습니다. 메일 목록에서 선택하거나 조건에 맞는 모든 메일에 대한 작업으로 시작하십시오.',
  'Invalid bulk action': '잘못된 일괄 작업입니다',
  'Nothing was changed.': '변경된 것이 없습니다.',
  'Bulk action not found': '일괄 작업을 찾을 수 없습니다',
  'Bulk actions are kept for 30 days.': '일괄 작업은 30일 동안 보관됩니다.',
  'The link is incomplete or was changed. Start again from the newest mails.':
    '링크가 불완전하거나 변경되었습니다. 최신 메일부터 다시 시작하십시오.',
  'Invalid filter': '잘못된 필터입니다',
  'Correct it in the list of mails, and export again.': '메일 목록에서 고친 뒤 다시 내보내십시오.',
  'Too many exports': '진행 중인 내보내기가 너무 많습니다',
  'This dashboard writes {max} files at a time. Try again when one is complete.':
    '대시보드는 한 번에 파일 {max}개까지 내보냅니다. 하나가 끝난 뒤 다시 시도하십시오.',
  'Page not found': '페이지를 찾을 수 없습니다',
  'The link may be wrong, or the record may have expired.': '링크가 잘못되었거나 기록 보관 기간이 끝났을 수 있습니다.',
  'Too many live pages': '실시간 페이지가 너무 많습니다',
  'At most {max} pages of one session are kept up to date. Close some, then reload.':
    '한 세션에서 최대 {max}개 페이지까지 실시간으로 갱신됩니다. 일부를 닫고 새로고침하십시오.',
  'Read only': '읽기 전용입니다',
  'This page cannot change jobs. Nothing was changed.': '이 페이지에서는 작업을 변경할 수 없습니다. 변경된 것이 없습니다.',
};
