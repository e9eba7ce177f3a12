// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.persist;

import io.sparkgrad.io.Safetensors;
import io.sparkgrad.spark.data.InputException;
import io.sparkgrad.spark.param.NetworkParams;
import io.sparkgrad.spark.summary.TrainingSummary;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.SparkSession;

/**
 * How stages are saved: Spark's metadata, and beside it for a model {@code architecture.json}, for
 * people and for other programs, {@code weights.safetensors}, and {@code summary.json} of its
 * training. No Java serialization. The metadata tell the version of the format; all earlier ones
 * are read.
 */
public final class StageFiles {
  private static final String ARCHITECTURE = "architecture.json";
  private static final String WEIGHTS = "weights.safetensors";
  private static final String SUMMARY = "summary.json";

  /** In format 1, which wrote no version, the history was in the metadata of the weights. */
  private static final String HISTORY_OF_FORMAT_1 = "history";

  private StageFiles() {}

  /**
   * What makes a model besides its Params.
   *
   * @param architecture of the network as JSON
   * @param weights of the whole network as a safetensors file
   */
  public record Fitted(String architecture, byte[] weights, TrainingSummary summary)
      implements Serializable {}

  /** Makes a model; its Params are set afterwards. */
  @FunctionalInterface
  public interface ModelConstructor<M> {
    M create(String uid, Fitted fitted);
  }

  /** Writes a stage that its Params say all about. */
  public static MLWriter estimatorWriter(Params estimator) {
    return new MLWriter() {
      @Override
      public void saveImpl(String path) {
        StageMetadata.write(estimator, path, sparkSession());
      }
    };
  }

  public static <E extends Estimator<?>> MLReader<E> estimatorReader(
      Class<E> type, Function<String, E> constructor) {
    return new MLReader<>() {
      @Override
      public E load(String path) {
        StageMetadata metadata = StageMetadata.read(path, sparkSession(), type);
        E estimator = constructor.apply(metadata.uid());
        metadata.setParams(estimator);
        return estimator;
      }
    };
  }

  public static MLWriter modelWriter(Params model, Fitted fitted) {
    return new ModelWriter(model, fitted);
  }

  public static <M extends Model<M> & NetworkParams<M>> MLReader<M> modelReader(
      Class<M> type, ModelConstructor<M> constructor) {
    return new ModelReader<>(type, constructor);
  }

  private static final class ModelWriter extends MLWriter {
    private final Params model;
    private final Fitted fitted;

    ModelWriter(Params model, Fitted fitted) {
      this.model = model;
      this.fitted = fitted;
    }

    @Override
    public void saveImpl(String path) {
      StageMetadata.write(model, path, sparkSession());
      StageFolder folder = new StageFolder(sparkSession(), path);
      try {
        folder.write(ARCHITECTURE, fitted.architecture().getBytes(StandardCharsets.UTF_8));
        folder.write(WEIGHTS, fitted.weights());
        folder.write(SUMMARY, fitted.summary().toJson().getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        throw new UncheckedIOException("saving " + model.uid() + " to " + path, e);
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
      StageMetadata metadata = StageMetadata.read(path, sparkSession(), type);
      StageFolder folder = new StageFolder(sparkSession(), path);
      byte[] weights = folder.read(WEIGHTS);
      TrainingSummary summary =
          metadata.formatVersion() == 1
              ? TrainingSummary.fromJson(
                  Safetensors.readMetadata(weights, path).getOrDefault(HISTORY_OF_FORMAT_1, ""))
              : TrainingSummary.fromJson(text(folder.read(SUMMARY)));
      String architecture = text(folder.read(ARCHITECTURE));
      M model = constructor.create(metadata.uid(), new Fitted(architecture, weights, summary));
      metadata.setParams(model);
      return model;
    }

    private static String text(byte[] bytes) {
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }

  /**
   * The weights in a saved model's folder, or in a safetensors file.
   *
   * @throws InputException if there is neither
   */
  public static byte[] weights(SparkSession spark, String path) {
    return BinaryFiles.read(
        spark,
        BinaryFiles.isDirectory(spark, path) ? path + "/" + WEIGHTS : path,
        "initialWeights");
  }
}
