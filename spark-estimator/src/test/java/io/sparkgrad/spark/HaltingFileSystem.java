// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import java.io.IOException;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;

/**
 * Local files under {@code halting:}. The first executor that is about to write the checkpoint of
 * epoch 3 or later ends as by a crash, once for each folder, with the file half written.
 */
public final class HaltingFileSystem extends CheckpointFaultFileSystem {
  private static final Path FUSE = new Path("fuse");

  @Override
  public String getScheme() {
    return "halting";
  }

  @Override
  FSDataOutputStream checkpoint(Path file, FSDataOutputStream out) throws IOException {
    Path burnt = new Path(file.getParent(), FUSE);
    if (epoch(file) >= 3 && !exists(burnt)) {
      mkdirs(burnt);
      out.write(new byte[100]);
      out.close();
      Runtime.getRuntime().halt(137);
    }
    return out;
  }

  private static int epoch(Path file) {
    return Integer.parseInt(file.getName().split("-", -1)[1]);
  }
}
