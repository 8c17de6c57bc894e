# Sourced by tests/cluster/run: the configuration files of the node's programs. Bash.

write_configurations() {
  cat >"$cluster_dir/containerd.toml" <<TOML
version = 2
root = "$cluster_dir/containerd"
state = "/run/containerd/state"
[grpc]
  address = "/run/containerd/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "$pause_image"
  # Without CAP_SYS_RESOURCE nobody may lower a process's OOM score.
  restrict_oom_score_adj = true
  stream_server_address = "127.0.0.1"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$cluster_dir/cni.d"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = false
TOML
  cat >"$cluster_dir/cni.d/10-pods.conflist" <<JSON
{"cniVersion": "1.0.0", "name": "pods", "plugins": [
  {"type": "bridge", "bridge": "$pod_link", "isGateway": true, "ipMasq": true, "hairpinMode": true,
   "ipam": {"type": "host-local", "ranges": [[{"subnet": "$pod_range"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]}
JSON
  # Swap and a nearly full disk are the developer's business; the disk's limits are only there to be low.
  cat >"$cluster_dir/kubelet.yaml" <<YAML
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: $node_address
port: 21250
healthzPort: 21248
readOnlyPort: 0
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: $cluster_dir/pki/ca.crt}}
authorization: {mode: Webhook}
tlsCertFile: $cluster_dir/pki/kubelet.crt
tlsPrivateKeyFile: $cluster_dir/pki/kubelet.key
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
cgroupDriver: cgroupfs
cgroupRoot: /$cgroup_name
failSwapOn: false
maxPods: 240
clusterDNS: [$service_of_dns]
clusterDomain: cluster.local
resolvConf: $cluster_dir/resolv.conf
volumePluginDir: $cluster_dir/volume-plugins
evictionHard: {memory.available: 100Mi, nodefs.available: 100Mi, imagefs.available: 100Mi, nodefs.inodesFree: 1%}
imageGCHighThresholdPercent: 100
imageGCLowThresholdPercent: 99
nodeStatusUpdateFrequency: 5s
syncFrequency: 10s
shutdownGracePeriod: 0s
YAML
  cat >"$cluster_dir/kube-proxy.yaml" <<YAML
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: iptables
clusterCIDR: $pod_range
clientConnection: {kubeconfig: $cluster_dir/proxy.kubeconfig}
healthzBindAddress: 127.0.0.1:21256
metricsBindAddress: 127.0.0.1:21249
conntrack: {maxPerCore: 0, min: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}
iptables: {minSyncPeriod: 100ms, syncPeriod: 30s}
YAML
  : >"$cluster_dir/resolv.conf"
  # Who writes what, for the tests that nothing is written at rest: log/audit.log has a line for each write of an
  # account of a pod.
  cat >"$cluster_dir/audit.yaml" <<YAML
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - {level: None, resources: [{group: coordination.k8s.io}]}
  - {level: Metadata, userGroups: ["system:serviceaccounts:$operator_namespace"], verbs: [create, update, patch, delete]}
  - {level: None}
YAML
}
