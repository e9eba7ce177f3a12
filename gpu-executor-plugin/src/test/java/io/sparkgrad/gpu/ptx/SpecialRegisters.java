// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import io.sparkgrad.gpu.cuda.driver.KernelLaunch.Dim3;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;

/** The values of {@code %tid.x} and its like. Clocks are instructions, as they change. */
final class SpecialRegisters {
  private static final Set<String> NAMES =
      Set.of(
          "%tid.x",
          "%tid.y",
          "%tid.z",
          "%ntid.x",
          "%ntid.y",
          "%ntid.z",
          "%ctaid.x",
          "%ctaid.y",
          "%ctaid.z",
          "%nctaid.x",
          "%nctaid.y",
          "%nctaid.z",
          "%laneid",
          "%warpid",
          "%nwarpid",
          "%smid",
          "%nsmid",
          "%gridid",
          "%lanemask_eq",
          "%lanemask_lt",
          "%lanemask_le",
          "%lanemask_gt",
          "%lanemask_ge",
          "%dynamic_smem_size",
          "%total_smem_size");

  private SpecialRegisters() {}

  static boolean exists(String name) {
    return NAMES.contains(name);
  }

  /** Sets those that are the same for every block of a launch. */
  static void fill(Warp warp) {
    Launch launch = warp.block.launch;
    for (Map.Entry<String, Integer> special : warp.block.kernel.registers().specials().entrySet()) {
      int[] register = warp.r[special.getValue()];
      for (int lane = 0; lane < 32; lane++) {
        Dim3 thread = Grid.place(launch.block(), warp.thread(lane));
        int bit = 1 << lane;
        register[lane] =
            switch (special.getKey()) {
              case "%tid.x" -> thread.x();
              case "%tid.y" -> thread.y();
              case "%tid.z" -> thread.z();
              case "%ntid.x" -> launch.block().x();
              case "%ntid.y" -> launch.block().y();
              case "%ntid.z" -> launch.block().z();
              case "%nctaid.x" -> launch.grid().x();
              case "%nctaid.y" -> launch.grid().y();
              case "%nctaid.z" -> launch.grid().z();
              case "%laneid" -> lane;
              case "%warpid" -> warp.index;
              case "%nwarpid" -> warp.block.warps.length;
              case "%nsmid" -> 1;
              case "%lanemask_eq" -> bit;
              case "%lanemask_lt" -> bit - 1;
              case "%lanemask_le" -> bit | (bit - 1);
              case "%lanemask_gt" -> ~(bit | (bit - 1));
              case "%lanemask_ge" -> ~(bit - 1);
              case "%dynamic_smem_size" -> launch.sharedBytes();
              case "%total_smem_size" -> warp.block.shared.length;
              default -> 0;
            };
      }
    }
  }

  /** Sets those that tell where the block is. */
  static void place(Warp warp, Dim3 block) {
    Map<String, Integer> specials = warp.block.kernel.registers().specials();
    put(warp, specials.get("%ctaid.x"), block.x());
    put(warp, specials.get("%ctaid.y"), block.y());
    put(warp, specials.get("%ctaid.z"), block.z());
  }

  private static void put(Warp warp, Integer register, int value) {
    if (register != null) {
      Arrays.fill(warp.r[register], value);
    }
  }
}
