// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.persist;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkgrad.spark.data.InputException;
import java.util.List;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWriter;
import org.apache.spark.sql.SparkSession;
import org.json4s.JInt;
import org.json4s.JObject;
import org.json4s.JValue;
import scala.Option;
import scala.Tuple2;
import scala.jdk.javaapi.CollectionConverters;

/** Spark's metadata of a stage, uid and Params, and the version of our format in them. */
final class StageMetadata {
  /** 1 had no version in the metadata and no {@code summary.json}. */
  private static final int FORMAT_VERSION = 2;

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String VERSION_KEY = "sparkgradFormat";

  private final DefaultParamsReader.Metadata metadata;
  private final int formatVersion;

  private StageMetadata(DefaultParamsReader.Metadata metadata, int formatVersion) {
    this.metadata = metadata;
    this.formatVersion = formatVersion;
  }

  static void write(Params stage, String path, SparkSession spark) {
    Tuple2<String, JValue> version =
        new Tuple2<>(VERSION_KEY, new JInt(scala.math.BigInt.apply(FORMAT_VERSION)));
    JObject extra = new JObject(CollectionConverters.asScala(List.of(version)).toList());
    DefaultParamsWriter.saveMetadata(stage, path, spark, Option.apply(extra));
  }

  /**
   * Reads the metadata of a stage of this class.
   *
   * @throws InputException if a newer version of the format wrote them
   */
  static StageMetadata read(String path, SparkSession spark, Class<?> type) {
    DefaultParamsReader.Metadata metadata =
        DefaultParamsReader.loadMetadata(path, spark, type.getName());
    int version = version(metadata.metadataJson());
    if (version > FORMAT_VERSION) {
      throw new InputException(
          "load: %s was saved in format %d, this version of Sparkgrad reads formats 1 to %d; load it with a newer one."
              .formatted(path, version, FORMAT_VERSION));
    }
    return new StageMetadata(metadata, version);
  }

  private static int version(String json) {
    try {
      return JSON.readTree(json).path(VERSION_KEY).asInt(1);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Spark has parsed this JSON before", e);
    }
  }

  String uid() {
    return metadata.uid();
  }

  int formatVersion() {
    return formatVersion;
  }

  void setParams(Params stage) {
    metadata.getAndSetParams(stage, metadata.getAndSetParams$default$2());
  }
}
