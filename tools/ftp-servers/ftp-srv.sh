#!/bin/bash
# ftp-srv.sh ROOT_DIR PORT USER PASSWORD none|explicit|implicit     (settings: see lib.sh)
# Works without root. The npm package ftp-srv (needs node). No limit on clients.
. "$(dirname "$0")/lib.sh"
ftp_args "$@"
module=$PREFIX/ftp-srv/node_modules/ftp-srv
[ -d "$module" ] || die "no ftp-srv: run install.sh ftp-srv first"
cat >"$TMP/server.js" <<'JS'
const [module_path, root, port, user, password, tls, cert, key, lo, hi, idle, readonly] = process.argv.slice(2);
const {FtpSrv} = require(module_path);
const fs = require('fs');
const server = new FtpSrv({
  url: `${tls === 'implicit' ? 'ftps' : 'ftp'}://127.0.0.1:${port}`,
  pasv_url: '127.0.0.1', pasv_min: Number(lo), pasv_max: Number(hi),
  tls: tls === 'none' ? false : {cert: fs.readFileSync(cert), key: fs.readFileSync(key)},
  blacklist: readonly === '1' ? ['STOR', 'APPE', 'STOU', 'DELE', 'MKD', 'XMKD', 'RMD', 'XRMD', 'RNFR', 'RNTO'] : [],
  timeout: Number(idle) * 1000
});
server.log.level(60);
server.on('login', (who, accept, refuse) => who.username === user && who.password === password
  ? accept({root}) : refuse(new Error('wrong user or password')));
server.on('client-error', () => {});
server.listen();
JS
AS_USER=1
serve "$(command -v node)" "$TMP/server.js" "$module" "$ROOT" "$PORT" "$USERNAME" "$PASSWORD" "$TLS" "$CERT" "$KEY" \
  "$PASV_MIN" "$PASV_MAX" "$FTP_IDLE" "$FTP_READONLY"
