// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu;

import io.sparkgrad.gpu.cuda.GpuDevice;
import io.sparkgrad.gpu.cuda.Leak;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Says what device memory nobody gave back, for {@link GpuSettings#DEBUG_LEAKS}. Safe for threads.
 */
final class LeakLog {
  /** Places that are listed; the rest is summed. */
  private static final int LISTED = 10;

  private final String executor;
  private final Map<GpuAddress, GpuDevice> devices = new HashMap<>();
  private final Map<GpuAddress, Long> requests = new HashMap<>();

  LeakLog(String executor) {
    this.executor = executor;
  }

  synchronized void watch(GpuAddress address, GpuDevice device) {
    devices.put(address, device);
  }

  /**
   * One message for each device that was asked for memory since the last call and has memory that
   * waited for the garbage collector. Memory that somebody still refers to, such as a network that
   * is kept for the next task, is none of it.
   */
  synchronized List<String> afterTask() {
    List<String> messages = new ArrayList<>();
    devices.forEach(
        (address, device) -> {
          long before = requests.getOrDefault(address, 0L);
          long now = requests(device);
          requests.put(address, now);
          if (now != before) {
            message(
                    address,
                    "memory that no scope gave back, and which waited for the garbage collector",
                    device.collectedLeaks())
                .ifPresent(messages::add);
          }
        });
    return messages;
  }

  /** One message for each device that has memory in use. */
  synchronized List<String> atEnd() {
    requests.clear();
    List<String> messages = afterTask();
    devices.forEach(
        (address, device) ->
            message(address, "memory that is still in use at the end", device.inUse())
                .ifPresent(messages::add));
    return messages;
  }

  private static long requests(GpuDevice device) {
    return device.metrics().poolHits() + device.metrics().poolMisses();
  }

  private Optional<String> message(GpuAddress address, String what, List<Leak> leaks) {
    if (leaks.isEmpty()) {
      return Optional.empty();
    }
    List<Leak> others = leaks.subList(Math.min(LISTED, leaks.size()), leaks.size());
    return Optional.of(
        "executor %s, GPU '%s': %s:%s%s"
            .formatted(
                executor,
                address,
                what,
                leaks.stream().limit(LISTED).map(leak -> "\n" + leak).collect(Collectors.joining()),
                others.isEmpty()
                    ? ""
                    : "\nand %d bytes from %d other places"
                        .formatted(others.stream().mapToLong(Leak::bytes).sum(), others.size())));
  }
}
