#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Discovery script for Spark (spark.worker.resource.gpu.discoveryScript): prints this machine's GPUs,
# numbered by PCI bus, as executors count without CUDA_DEVICE_ORDER. Fails, with a sentence on
# standard error, where there is none: Spark would take a blank address for a GPU.

refuse() {
  echo "get-gpus.sh: $1" >&2
  exit 1
}

command -v nvidia-smi > /dev/null || refuse "no nvidia-smi on the PATH: install the NVIDIA driver, or put its directory on the PATH"
found=$(nvidia-smi --query-gpu=index --format=csv,noheader 2>&1) || refuse "nvidia-smi failed: $found"
addresses=
for index in $found; do
  case $index in
    *[!0-9]*) refuse "expected numbers of GPUs from nvidia-smi, got: $found" ;;
  esac
  addresses="$addresses${addresses:+, }\"$index\""
done
[ -n "$addresses" ] || refuse "nvidia-smi finds no GPU here"
echo "{\"name\": \"gpu\", \"addresses\": [$addresses]}"
