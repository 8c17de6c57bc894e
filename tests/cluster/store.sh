# Sourced: container images, built by buildah in a store of our own in the cache directory. Bash.

image_store=$cache/image-store
archives_dir=$cache/image-archives

# RUN steps work in a chroot, without a container runtime. Overlay mounts do not work on top of each other.
image_driver=overlay
if [ "$(stat --file-system --format %T "$cache")" = overlayfs ]; then image_driver=vfs; fi
buildah_here() { buildah --root "$image_store" --runroot "$image_store.run" --storage-driver "$image_driver" "$@"; }

# The authorities that this machine trusts hold during the build too: a network may have one of its own.
trusted=/etc/ssl/certs/ca-certificates.crt
authorities=()
if [ -e "$trusted" ]; then authorities=(--volume "$trusted:$trusted:ro"); fi

# The base image, made from Debian's archive because tests reach no image registry.
make_base_image() {
  if buildah_here inspect --type image "$base_image" >/dev/null 2>&1; then return; fi
  say "making $base_image with mmdebstrap"
  local work container
  work=$(mktemp -d "$cache/base.XXXXXX")
  mmdebstrap --quiet --mode=root --variant=minbase --include=ca-certificates --aptopt='Acquire::Languages "none"' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    bookworm "$work/base.tar"
  container=$(buildah_here from scratch)
  buildah_here add --quiet "$container" "$work/base.tar" / >&2
  buildah_here config --cmd /bin/bash --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container"
  buildah_here commit --quiet --rm "$container" "$base_image" >&2
  rm -rf "$work"
}

# scratch_image NAME PROGRAM: the archive of an image that holds a single static program.
scratch_image() {
  local name=$1 program=$2 archive container
  # The archive belongs to this program, not to one of another version.
  archive=$archives_dir/$(basename "$program").tar
  if [ "$archive" -nt "$program" ]; then return; fi
  mkdir -p "$archives_dir"
  container=$(buildah_here from scratch)
  buildah_here copy --quiet --chmod 755 "$container" "$program" "/$(basename "$program")" >/dev/null
  buildah_here config --entrypoint "[\"/$(basename "$program")\"]" "$container"
  buildah_here commit --quiet --rm "$container" "$name" >/dev/null
  write_archive "$name" "$archive"
}

# write_archive NAME FILE: an image as a file that containerd imports.
write_archive() {
  rm -f "$2.part"
  buildah_here push --quiet "$1" "docker-archive:$2.part:$1" >&2
  mv "$2.part" "$2"
}

# import_archive FILE…: makes images known to the node.
import_archive() {
  local file
  for file in "$@"; do
    ctr --address "$containerd_socket" --namespace k8s.io images import "$file" >/dev/null
  done
}

# image_name TARGET: what the image of a target of the Containerfile is called in the tests.
image_name() {
  case $1 in
    studio) echo "$image_prefix/invokeai:$image_tag" ;;
    studio-cuda) echo "$image_prefix/invokeai:$image_tag-cuda" ;;
    postgres) echo "$image_prefix/postgres:15" ;;
    *) echo "$image_prefix/$1:$image_tag" ;;
  esac
}

# image_id NAME: the digest of an image's configuration; nothing when there is no such image.
image_id() { buildah_here inspect --type image --format '{{.FromImageID}}' "$1" 2>/dev/null || true; }
