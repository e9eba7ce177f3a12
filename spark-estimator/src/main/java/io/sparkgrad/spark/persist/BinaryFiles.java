// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.persist;

import io.sparkgrad.spark.data.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/** Whole files on any Hadoop file system. */
public final class BinaryFiles {
  private BinaryFiles() {}

  /**
   * Reads a file.
   *
   * @param param names what the path is for in the error
   * @throws InputException if it cannot be read
   */
  public static byte[] read(SparkSession spark, String path, String param) {
    Path file = new Path(path);
    try {
      FileSystem fs = file.getFileSystem(spark.sessionState().newHadoopConf());
      if (!fs.exists(file) || fs.getFileStatus(file).isDirectory()) {
        throw new InputException(
            "%s: there is no file %s.".formatted(param, fs.makeQualified(file)));
      }
      try (InputStream in = fs.open(file)) {
        return in.readAllBytes();
      }
    } catch (IOException e) {
      throw new InputException(
          "%s: %s cannot be read: %s".formatted(param, path, e.getMessage()), e);
    }
  }

  static boolean isDirectory(SparkSession spark, String path) {
    Path file = new Path(path);
    try {
      FileSystem fs = file.getFileSystem(spark.sessionState().newHadoopConf());
      return fs.exists(file) && fs.getFileStatus(file).isDirectory();
    } catch (IOException e) {
      throw new InputException("%s cannot be read: %s".formatted(path, e.getMessage()), e);
    }
  }

  static void write(SparkSession spark, Path file, byte[] bytes) throws IOException {
    FileSystem fs = file.getFileSystem(spark.sessionState().newHadoopConf());
    try (OutputStream out = fs.create(file, false)) {
      out.write(bytes);
    }
  }
}
