// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import java.io.IOException;
import java.net.URI;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.util.Progressable;

/**
 * Local files under {@code halting:}. The first executor that is about to write the checkpoint of
 * epoch 3 or later ends as by a crash, once for each folder, with the file half written.
 */
public final class HaltingFileSystem extends RawLocalFileSystem {
  private static final Path FUSE = new Path("fuse");

  @Override
  public String getScheme() {
    return "halting";
  }

  @Override
  public URI getUri() {
    return URI.create("halting:///");
  }

  @Override
  public FSDataOutputStream create(
      Path file,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    FSDataOutputStream out =
        super.create(file, overwrite, bufferSize, replication, blockSize, progress);
    Path burnt = new Path(file.getParent(), FUSE);
    if (file.getName().startsWith(".epoch-") && epoch(file) >= 3 && !exists(burnt)) {
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
