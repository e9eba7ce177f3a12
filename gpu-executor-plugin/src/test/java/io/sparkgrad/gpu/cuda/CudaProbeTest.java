// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CudaProbeTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "35 | 0 | | no NVIDIA driver is installed here (libcuda.so.1 was not found): install 525 or"
            + " newer",
        "35 | 11040 | | the NVIDIA driver is too old: expected one for CUDA 12.0 (525) or newer,"
            + " got one for CUDA 11.4",
        "100 | 12040 | | the NVIDIA driver finds no GPU here",
        "100 | 12040 | '' | the NVIDIA driver finds no GPU here (CUDA_VISIBLE_DEVICES is '')",
        "3 | 13000 | | CUDA failed in aCall: see what nvidia-smi says",
        "999 | 13000 | | CUDA failed in aCall: see what the kernel's log (dmesg) says of NVRM and"
            + " Xid",
        "804 | 12040 | | CUDA failed in aCall: CUDA's compatibility package (cuda-compat) does not"
            + " work on this GPU: take it out of LD_LIBRARY_PATH",
      })
  void everyFailureIsOneSentence(int status, int driver, String visible, String sentence) {
    var answer = new CudaRuntime.Answer(status, "aCall", driver, List.of());
    assertEquals(Optional.of(sentence), CudaProbe.of(answer, visible).unavailableReason());
  }

  @Test
  void successWithoutDevicesIsAFailure() {
    assertEquals(
        "the NVIDIA driver finds no GPU here",
        CudaProbe.of(new CudaRuntime.Answer(0, "", 12040, List.of()), null).toString());
  }

  @Test
  void namesWhatItFound() {
    var answer =
        new CudaRuntime.Answer(
            0, "", 12080, List.of(device("NVIDIA L4", 89), device("Tesla T4", 75)));
    assertEquals(
        "2 GPUs (NVIDIA L4, Tesla T4), driver for CUDA 12.8",
        CudaProbe.of(answer, null).toString());
  }

  @Test
  void theKernelsNeedTuring() {
    var old = new CudaRuntime.Answer(0, "", 12080, List.of(device("Tesla P100", 60)));
    assertEquals(
        "Tesla P100 has compute capability 6.0, expected 7.5 (Turing) or newer",
        CudaProbe.of(old, null).toString());
    var mixed =
        new CudaRuntime.Answer(
            0, "", 12080, List.of(device("Tesla P100", 60), device("Tesla T4", 75)));
    assertEquals(Optional.empty(), CudaProbe.of(mixed, null).unavailableReason());
  }

  private static CudaRuntime.Device device(String name, int computeCapability) {
    return new CudaRuntime.Device(name, computeCapability, "GPU-" + name, "00000000:01:00");
  }

  @Test
  @Tag("gpu")
  void findsTheGpuOfThisMachine() {
    CudaProbe probe = CudaProbe.thisMachine();
    assumeTrue(probe.unavailableReason().isEmpty(), probe::toString);
    assertTrue(probe.driverVersion() >= 12000, probe.toString());
    assertFalse(probe.deviceNames().get(0).isBlank(), probe.toString());
  }
}
