# Sourced by the scripts of the test cluster: versions, addresses and where everything is kept. Bash.
. "$(dirname "${BASH_SOURCE[0]}")/../setup/environment.sh"

kubernetes_version=v1.34.4
coredns_version=v1.15.0
helm_version=v3.22.0
# Raise this when the programs are built in another way; it is part of their directory's name.
tools_dir=$cache/cluster-tools-$kubernetes_version-1

# Everything of a running cluster is in here; cluster-down removes it.
cluster_dir=${CLUSTER_DIR:-/var/lib/invoke-test-cluster}
kubeconfig=$cluster_dir/kubeconfig
containerd_socket=$cluster_dir/run/containerd.sock

# Where the node's programs insist on a path of their own, and which directory of the cluster they get there.
private_directories=(
  /run/containerd:run /var/lib/kubelet:kubelet /var/lib/cni:cni /var/log/pods:pods /var/log/containers:containers
  /run/netns:netns /tmp/hostpath_pv:volumes
)

# The network, inside this machine only. The node has a namespace of its own; a pair of links leads there.
# Names of links may have 15 letters at most.
network_name=invoke-test
host_link=invoke-host
host_address=10.199.0.2
node_link=invoke-node
node_address=10.199.0.1
pod_link=invoke-pods
pod_range=10.200.0.0/24
service_range=10.201.0.0/20
service_of_dns=10.201.0.10
service_of_api=10.201.0.1
api_port=26443
api_url=https://$node_address:$api_port

node_name=test-node
cgroup_name=invoke-test-cluster
pause_image=invokeai.test/pause:1
coredns_image=invokeai.test/coredns:1
base_image=docker.io/library/debian:bookworm-slim
image_prefix=docker.io/invokestudio
image_tag=test
operator_namespace=invokeai-system

# What kubectl and helm remember, too, stays within the cluster's directory.
export KUBECACHEDIR=$cluster_dir/kubectl-cache
export HELM_CACHE_HOME=$cluster_dir/helm HELM_CONFIG_HOME=$cluster_dir/helm HELM_DATA_HOME=$cluster_dir/helm

PATH=$tools_dir:$PATH:/usr/sbin:/sbin
