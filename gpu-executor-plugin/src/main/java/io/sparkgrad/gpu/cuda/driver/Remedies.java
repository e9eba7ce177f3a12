// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda.driver;

import java.util.Map;
import java.util.Optional;

/**
 * What to do about the statuses of CUDA whose cause is the machine rather than this program. The
 * numbers are those of {@code CUresult}, which the runtime's {@code cudaError} shares.
 */
public final class Remedies {
  private static final String DRIVER = "install the NVIDIA driver 525 or newer";
  private static final String MPS =
      "see whether nvidia-cuda-mps-control -d runs on this host, and its log";
  private static final String MPS_FULL = "let fewer processes share the GPU through MPS";

  private static final Map<Integer, String> TEXTS =
      Map.ofEntries(
          Map.entry(
              34,
              "the libcuda.so.1 that was found is the toolkit's stub: take its directory (stubs)"
                  + " out of LD_LIBRARY_PATH"),
          Map.entry(36, DRIVER),
          Map.entry(
              46,
              "another process may have the GPU for itself: end it, or let processes share the GPU"
                  + " (nvidia-smi -c DEFAULT)"),
          Map.entry(102, "the virtual GPU has no licence: see nvidia-smi -q"),
          Map.entry(209, DRIVER),
          Map.entry(
              214,
              "the GPU's memory is faulty: see nvidia-smi -q -d ECC, and reset or replace the GPU"),
          Map.entry(220, "the GPU's NVLink is faulty: see nvidia-smi nvlink -e, and reset the GPU"),
          Map.entry(
              221,
              "the driver's libnvidia-ptxjitcompiler.so.1 was not found: in a container,"
                  + " NVIDIA_DRIVER_CAPABILITIES has to contain compute"),
          Map.entry(222, DRIVER),
          Map.entry(223, "unset CUDA_DISABLE_PTX_JIT: the kernels are PTX"),
          Map.entry(
              802,
              "the GPU does not work yet: with NVSwitch, nvidia-fabricmanager has to run on the"
                  + " host"),
          Map.entry(
              803,
              "libcuda.so.1 and the kernel module are of different driver versions: reboot the host"
                  + " after an update, or take the container's own libcuda.so.1 out"),
          Map.entry(
              804,
              "CUDA's compatibility package (cuda-compat) does not work on this GPU: take it out of"
                  + " LD_LIBRARY_PATH"),
          Map.entry(805, MPS),
          Map.entry(806, MPS),
          Map.entry(807, MPS),
          Map.entry(808, MPS_FULL),
          Map.entry(809, MPS_FULL),
          Map.entry(999, "see what the kernel's log (dmesg) says of NVRM and Xid"));

  private Remedies() {}

  /** In one clause; empty if the status does not say what users could do. */
  public static Optional<String> of(int status) {
    return Optional.ofNullable(TEXTS.get(status));
  }
}
