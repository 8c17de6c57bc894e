# Sourced by tests/cluster/run: what the cluster needs of the machine around it, and its removal. Bash.

# The kubelet sets these for the whole machine; they are put back afterwards.
kernel_settings=(
  vm.overcommit_memory vm.panic_on_oom kernel.panic kernel.panic_on_oops kernel.keys.root_maxkeys kernel.keys.root_maxbytes
)

machine_pid() { cat "$cluster_dir/machine.pid" 2>/dev/null; }

# machine_runs: whether the process in the file is the node's first one, and not another that got its number.
machine_runs() {
  local pid
  pid=$(machine_pid) && [ -n "$pid" ] && [ -e "/proc/$pid/cmdline" ] && tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -q "tests/cluster/machine"
}

# inside COMMAND…: runs it in the node's namespaces.
inside() { nsenter --target "$(machine_pid)" --mount --net --pid -- "$@"; }

prepare_directories() {
  mkdir -p "$cluster_dir"/{log,pid,stopped,cni.d,etcd,containerd,volume-plugins,made}
  # Others may pass through: pods of any account reach their volumes by these paths.
  chmod 711 "$cluster_dir"
  local entry directory
  for entry in "${private_directories[@]}"; do
    directory=${entry%%:*}
    if [ ! -e "$directory" ]; then
      mkdir -p "$directory"
      echo "$directory" >>"$cluster_dir/made/directories"
    fi
  done
  local setting
  for setting in "${kernel_settings[@]}"; do
    echo "$setting=$(sysctl -n "$setting")" >>"$cluster_dir/made/kernel-settings"
  done
  modprobe br_netfilter 2>/dev/null || true
  make_control_groups
}

# make_control_groups: the parent of the pods' groups, in each hierarchy of cgroup v1 or in the one of v2.
make_control_groups() {
  if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
    echo "+cpu +cpuset +memory +pids" >/sys/fs/cgroup/cgroup.subtree_control || true
    mkdir -p "/sys/fs/cgroup/$cgroup_name"
    return
  fi
  local hierarchy
  for hierarchy in /sys/fs/cgroup/*/; do
    if [ ! -L "${hierarchy%/}" ]; then mkdir -p "$hierarchy$cgroup_name" 2>/dev/null || true; fi
  done
}

# start_machine: the network namespace with its pair of links, and the first process in it.
start_machine() {
  ip netns add "$network_name"
  ip link add "$host_link" type veth peer name "$node_link" netns "$network_name"
  ip address add "$host_address/24" dev "$host_link"
  ip link set "$host_link" up
  ip -n "$network_name" address add "$node_address/24" dev "$node_link"
  ip -n "$network_name" link set "$node_link" up
  ip -n "$network_name" route add default via "$host_address"
  ip route add "$pod_range" via "$node_address"
  ip route add "$service_range" via "$node_address"
  nsenter --net="/run/netns/$network_name" sysctl -q -w net.ipv4.ip_forward=1
  setsid nsenter --net="/run/netns/$network_name" \
    unshare --mount --propagation slave --pid --fork --kill-child --mount-proc \
    "$repository/tests/cluster/machine" </dev/null >>"$cluster_dir/log/machine.log" 2>&1 &
  local unshare_pid=$!
  # The first process is the child of unshare.
  wait_for 10 "the node's first process" pgrep --parent "$unshare_pid"
  pgrep --parent "$unshare_pid" >"$cluster_dir/machine.pid"
}

stop_machine() {
  if ! machine_runs; then return; fi
  local pid
  pid=$(machine_pid)
  kill -KILL "$pid"
  # The kernel ends all of its processes first.
  while [ -e "/proc/$pid" ]; do sleep 0.1; done
}

remove_traces() {
  ip link delete "$host_link" 2>/dev/null || true
  ip netns delete "$network_name" 2>/dev/null || true
  remove_control_groups
  if [ -e "$cluster_dir/made/kernel-settings" ]; then
    sysctl -q -w $(cat "$cluster_dir/made/kernel-settings") || true
  fi
  if [ -e "$cluster_dir/made/directories" ]; then
    xargs -r rmdir --ignore-fail-on-non-empty <"$cluster_dir/made/directories" 2>/dev/null || true
  fi
  # Never across a mount: what is still mounted below would be emptied with it.
  rm -rf --one-file-system "$cluster_dir"
}

remove_control_groups() {
  local group
  # Deepest first; an empty group needs rmdir, its files cannot be removed.
  find /sys/fs/cgroup -mindepth 1 -depth -type d -path "*/$cgroup_name*" 2>/dev/null | while read -r group; do
    rmdir "$group" 2>/dev/null || true
  done
}
