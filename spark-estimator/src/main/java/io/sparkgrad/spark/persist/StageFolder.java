// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.persist;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import org.apache.hadoop.fs.Path;
import org.apache.spark.ml.util.ReadWriteUtils;
import org.apache.spark.sql.SparkSession;

/**
 * The folder that a stage is saved in: on a Hadoop file system, or within {@code saveToLocal} and
 * {@code loadFromLocal} on the driver's own disk.
 */
record StageFolder(SparkSession spark, String path) {
  void write(String name, byte[] bytes) throws IOException {
    if (isLocal()) {
      Files.write(java.nio.file.Path.of(path, name), bytes);
    } else {
      BinaryFiles.write(spark, new Path(path, name), bytes);
    }
  }

  byte[] read(String name) {
    if (!isLocal()) {
      return BinaryFiles.read(spark, new Path(path, name).toString(), "load");
    }
    try {
      return Files.readAllBytes(java.nio.file.Path.of(path, name));
    } catch (IOException e) {
      throw new UncheckedIOException("loading " + path, e);
    }
  }

  private static boolean isLocal() {
    return (Boolean) ReadWriteUtils.localSavingModeState().get();
  }
}
