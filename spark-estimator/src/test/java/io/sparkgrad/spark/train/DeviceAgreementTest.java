// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.Backends;
import io.sparkgrad.backend.CountingBackend;
import io.sparkgrad.spark.allreduce.LinksInMemory;
import io.sparkgrad.spark.device.DevicePreference;
import io.sparkgrad.spark.device.TaskDevice;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class DeviceAgreementTest {
  private final Backend cpu = Backends.cpu().backend();
  private final Backend gpu = new CountingBackend(cpu).backend();

  private TaskDevice device(boolean has) {
    return has ? new TaskDevice(gpu, Optional.empty()) : TaskDevice.cpu("it has no driver");
  }

  private List<Object> agree(DevicePreference wanted, boolean... gpus) throws Exception {
    return LinksInMemory.<Object>run(
            gpus.length,
            c -> {
              try {
                return DeviceAgreement.agree(c, wanted, device(gpus[c.rank()]), "h" + c.rank());
              } catch (RuntimeException e) {
                return e.getClass().getSimpleName() + ": " + e.getMessage();
              }
            })
        .results();
  }

  @Test
  @DisplayName("GPUs on all ranks are used")
  void allHave() throws Exception {
    for (DevicePreference wanted : List.of(DevicePreference.AUTO, DevicePreference.GPU)) {
      agree(wanted, true, true, true).forEach(b -> assertSame(gpu, b));
    }
  }

  @Test
  @DisplayName("auto: one without, and all compute on the CPU")
  void autoIsAllOrNone() throws Exception {
    agree(DevicePreference.AUTO, true, false, true).forEach(b -> assertSame(cpu, b));
  }

  @Test
  @DisplayName("gpu: the first rank without says why, and the others stop too")
  void gpuIsRefused() throws Exception {
    assertEquals(
        List.of(
            "TrainingException: rank 1 cannot use a GPU",
            "InputException: device: gpu is asked for, but rank 1 (host h1) cannot use one: it has no driver; set device to auto or cpu.",
            "TrainingException: rank 1 cannot use a GPU"),
        agree(DevicePreference.GPU, true, false, false));
  }
}
