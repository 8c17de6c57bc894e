# Sourced by tests/cluster/run: one authority, and a certificate and kubeconfig for each program. Bash.

# certificate NAME SUBJECT [ALTERNATIVE-NAMES]: signs pki/NAME.crt, with its key in pki/NAME.key.
certificate() {
  local name=$1 subject=$2 names=${3:-}
  local extensions="basicConstraints=CA:FALSE
keyUsage=digitalSignature,keyEncipherment
extendedKeyUsage=clientAuth,serverAuth"
  if [ -n "$names" ]; then extensions+=$'\n'"subjectAltName=$names"; fi
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "$subject" \
    -keyout "$pki/$name.key" -out "$pki/$name.csr" 2>/dev/null
  openssl x509 -req -in "$pki/$name.csr" -CA "$pki/ca.crt" -CAkey "$pki/ca.key" -CAcreateserial -days 30 \
    -extfile <(echo "$extensions") -out "$pki/$name.crt" 2>/dev/null
}

# write_kubeconfig NAME FILE: what a program needs to reach the API server as the subject of its certificate.
write_kubeconfig() {
  local name=$1 file=$2
  cat >"$file" <<YAML
apiVersion: v1
kind: Config
current-context: test
contexts: [{name: test, context: {cluster: test, user: $name}}]
clusters: [{name: test, cluster: {server: "$api_url", certificate-authority: $pki/ca.crt}}]
users: [{name: $name, user: {client-certificate: $pki/$name.crt, client-key: $pki/$name.key}}]
YAML
}

# make_certificates: everything in pki/, and the kubeconfigs.
make_certificates() {
  pki=$cluster_dir/pki
  mkdir -p "$pki"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=invoke-test-cluster \
    -addext keyUsage=critical,keyCertSign,cRLSign -keyout "$pki/ca.key" -out "$pki/ca.crt" 2>/dev/null
  openssl genrsa -out "$pki/service-accounts.key" 2048 2>/dev/null
  certificate api /CN=kube-apiserver \
    "IP:$node_address,IP:127.0.0.1,IP:$service_of_api,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local"
  certificate api-to-kubelet /O=system:masters/CN=kube-apiserver-to-kubelet
  certificate kubelet "/O=system:nodes/CN=system:node:$node_name" "IP:$node_address,DNS:$node_name"
  certificate administrator /O=system:masters/CN=administrator
  certificate controller-manager /CN=system:kube-controller-manager
  certificate scheduler /CN=system:kube-scheduler
  certificate proxy /CN=system:kube-proxy
  local name
  for name in kubelet controller-manager scheduler proxy; do write_kubeconfig "$name" "$cluster_dir/$name.kubeconfig"; done
  write_kubeconfig administrator "$kubeconfig"
}
