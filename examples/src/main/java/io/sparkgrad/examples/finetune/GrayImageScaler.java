// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.finetune;

import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.image.ImageSchema;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Scales grey images of Spark's image struct to {@code size}×{@code size} and writes them as arrays
 * of float, row-major, 0 (black) to 1 (white). A stage of its own, so that a saved pipeline
 * prepares the images it is given as training did.
 */
public final class GrayImageScaler extends Transformer implements DefaultParamsWritable {
  private static final long serialVersionUID = 1L;
  private static final ArrayType PIXELS = new ArrayType(DataTypes.FloatType, false);

  private final String uid;
  private final Param<String> inputCol;
  private final Param<String> outputCol;
  private final IntParam size;

  public GrayImageScaler() {
    this(Identifiable$.MODULE$.randomUID("grayImageScaler"));
  }

  /** For loading: Spark creates a stage with its saved uid. */
  public GrayImageScaler(String uid) {
    this.uid = uid;
    inputCol = new Param<>(this, "inputCol", "input column: an image struct of one channel");
    outputCol = new Param<>(this, "outputCol", "output column: array of float, size x size");
    size = new IntParam(this, "size", "height and width to scale to", ParamValidators.gt(0));
    setDefault(inputCol, "image");
    setDefault(outputCol, "features");
  }

  @Override
  public String uid() {
    return uid;
  }

  public Param<String> inputCol() {
    return inputCol;
  }

  public Param<String> outputCol() {
    return outputCol;
  }

  public IntParam size() {
    return size;
  }

  public GrayImageScaler setSize(int value) {
    set(size, value);
    return this;
  }

  @Override
  public Dataset<Row> transform(Dataset<?> dataset) {
    transformSchema(dataset.schema());
    int side = (Integer) getOrDefault(size);
    UDF1<Row, float[]> scale = image -> scaled(image, side);
    return dataset.withColumn(
        getOrDefault(outputCol),
        functions.udf(scale, PIXELS).apply(functions.col(getOrDefault(inputCol))));
  }

  private static float[] scaled(Row image, int side) {
    int height = image.getInt(1);
    int width = image.getInt(2);
    if (image.getInt(3) != 1) {
      throw new IllegalArgumentException(
          "image %s: expected one channel, got %d".formatted(image.getString(0), image.getInt(3)));
    }
    BufferedImage source = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
    source.getRaster().setDataElements(0, 0, width, height, image.<byte[]>getAs(5));
    BufferedImage target = new BufferedImage(side, side, BufferedImage.TYPE_BYTE_GRAY);
    Graphics2D g = target.createGraphics();
    g.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
    g.drawImage(source, 0, 0, side, side, null);
    g.dispose();
    byte[] bytes = ((DataBufferByte) target.getRaster().getDataBuffer()).getData();
    float[] pixels = new float[bytes.length];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (bytes[i] & 0xFF) / 255f;
    }
    return pixels;
  }

  @Override
  public StructType transformSchema(StructType schema) {
    String input = getOrDefault(inputCol);
    if (!schema.getFieldIndex(input).isDefined()
        || !schema.apply(input).dataType().equals(ImageSchema.columnSchema())) {
      throw new IllegalArgumentException(
          "inputCol: expected a column '%s' of Spark's image struct; the DataFrame has %s."
              .formatted(input, schema.simpleString()));
    }
    return schema.add(getOrDefault(outputCol), PIXELS, false);
  }

  @Override
  public GrayImageScaler copy(ParamMap extra) {
    return defaultCopy(extra);
  }

  public static MLReader<GrayImageScaler> read() {
    return new DefaultParamsReader<>();
  }

  public static GrayImageScaler load(String path) {
    return read().load(path);
  }
}
