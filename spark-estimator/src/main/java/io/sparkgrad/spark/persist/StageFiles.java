// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.persist;

import io.sparkgrad.spark.param.NetworkParams;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import org.apache.hadoop.fs.Path;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWriter;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.ml.util.ReadWriteUtils;

/**
 * How stages are saved: Spark's metadata, and beside it for a model {@code architecture.json}, for
 * people and for other programs, and {@code weights.safetensors}. No Java serialization.
 */
public final class StageFiles {
  private static final String ARCHITECTURE = "architecture.json";
  private static final String WEIGHTS = "weights.safetensors";

  private StageFiles() {}

  /** Makes a model of its uid and weights; its Params are set afterwards. */
  @FunctionalInterface
  public interface ModelConstructor<M> {
    M create(String uid, byte[] weights);
  }

  /** Reads a stage that its Params say all about. */
  public static <T> MLReader<T> paramsReader() {
    return new DefaultParamsReader<>();
  }

  public static MLWriter modelWriter(Params model, String architecture, byte[] weights) {
    return new ModelWriter(model, architecture, weights);
  }

  public static <M extends Model<M> & NetworkParams<M>> MLReader<M> modelReader(
      Class<M> type, ModelConstructor<M> constructor) {
    return new ModelReader<>(type, constructor);
  }

  private static final class ModelWriter extends MLWriter {
    private final Params model;
    private final String architecture;
    private final byte[] weights;

    ModelWriter(Params model, String architecture, byte[] weights) {
      this.model = model;
      this.architecture = architecture;
      this.weights = weights;
    }

    @Override
    public void saveImpl(String path) {
      DefaultParamsWriter.saveMetadata(model, path, sparkSession());
      try {
        write(path, ARCHITECTURE, architecture.getBytes(StandardCharsets.UTF_8));
        write(path, WEIGHTS, weights);
      } catch (IOException e) {
        throw new UncheckedIOException("saving " + model.uid() + " to " + path, e);
      }
    }

    private void write(String directory, String name, byte[] bytes) throws IOException {
      if ((Boolean) ReadWriteUtils.localSavingModeState().get()) {
        Files.write(java.nio.file.Path.of(directory, name), bytes);
      } else {
        BinaryFiles.write(sparkSession(), new Path(directory, name), bytes);
      }
    }
  }

  private static final class ModelReader<M extends Model<M> & NetworkParams<M>>
      extends MLReader<M> {
    private final Class<M> type;
    private final ModelConstructor<M> constructor;

    ModelReader(Class<M> type, ModelConstructor<M> constructor) {
      this.type = type;
      this.constructor = constructor;
    }

    @Override
    public M load(String path) {
      DefaultParamsReader.Metadata metadata =
          DefaultParamsReader.loadMetadata(path, sparkSession(), type.getName());
      M model = constructor.create(metadata.uid(), read(path, WEIGHTS));
      metadata.getAndSetParams(model, metadata.getAndSetParams$default$2());
      model.set(model.network(), new String(read(path, ARCHITECTURE), StandardCharsets.UTF_8));
      return model;
    }

    private byte[] read(String directory, String name) {
      if ((Boolean) ReadWriteUtils.localSavingModeState().get()) {
        try {
          return Files.readAllBytes(java.nio.file.Path.of(directory, name));
        } catch (IOException e) {
          throw new UncheckedIOException("loading " + directory, e);
        }
      }
      return BinaryFiles.read(sparkSession(), new Path(directory, name).toString(), "load");
    }
  }
}
