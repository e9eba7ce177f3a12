// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.autograd.Generator;
import io.sparkgrad.spark.ClusterOfThreads;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.apache.spark.ml.image.ImageSchema;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageInputTest {
  private static final int HEIGHT = 2;
  private static final int WIDTH = 3;
  private static final int PIXELS = HEIGHT * WIDTH;
  private static final List<Long> RGB = List.of(3L, 2L, 3L);
  private static final List<Long> GRAY = List.of(1L, 2L, 3L);

  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = ClusterOfThreads.session();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private static Dataset<Row> image(int height, int width, int mode, byte[] data) {
    int channels = (mode >> 3) + 1;
    return spark.createDataFrame(
        List.of(
            RowFactory.create(
                RowFactory.create("file:/a.png", height, width, channels, mode, data))),
        ImageSchema.imageSchema());
  }

  private static Dataset<Row> file(byte[] content) {
    return spark.createDataFrame(
        List.of(RowFactory.create(content)), new StructType().add("image", DataTypes.BinaryType));
  }

  private static float[] read(Dataset<Row> data, List<Long> shape) {
    InputSpec spec = InputSpec.of(data.schema(), List.of("image"), shape, false);
    assertEquals(Element.UINT8, spec.element());
    InternalRow row = data.queryExecution().executedPlan().executeCollect()[0];
    ByteBuffer values = ByteBuffer.allocate(spec.bytes());
    InputReader.of(spec, data.schema()).read(row, "row 5 of partition 2", values);
    InputBatch batch = new InputBatch(spec, 1);
    batch.set(0, values.flip());
    return batch.tensor().toFloatArray();
  }

  private static String rejection(Dataset<Row> data, List<Long> shape) {
    return assertThrows(InputException.class, () -> read(data, shape)).getMessage();
  }

  /** Red, green and blue planes of some pixels, 0 to 255. */
  private static int[] planes() {
    return Arrays.copyOf(new Generator(4).permutation(256), 3 * PIXELS);
  }

  private static float[] floats(int[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = values[i];
    }
    return floats;
  }

  private static byte[] blueGreenRed(int[] planes, int channels) {
    byte[] data = new byte[PIXELS * channels];
    for (int i = 0; i < PIXELS; i++) {
      for (int c = 0; c < 3; c++) {
        data[i * channels + c] = (byte) planes[(2 - c) * PIXELS + i];
      }
    }
    return data;
  }

  private static BufferedImage image(int[] planes, int type) {
    BufferedImage image = new BufferedImage(WIDTH, HEIGHT, type);
    for (int i = 0; i < PIXELS; i++) {
      int rgb = planes[i] << 16 | planes[PIXELS + i] << 8 | planes[2 * PIXELS + i];
      image.setRGB(i % WIDTH, i / WIDTH, 0xff000000 | rgb);
    }
    return image;
  }

  private static byte[] encoded(BufferedImage image, String format) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertTrue(ImageIO.write(image, format, out));
    return out.toByteArray();
  }

  @Test
  @DisplayName("blue, green, red pixels become red, green and blue planes; alpha is left out")
  void colours() {
    int[] planes = planes();
    assertArrayEquals(floats(planes), read(image(HEIGHT, WIDTH, 16, blueGreenRed(planes, 3)), RGB));
    assertArrayEquals(floats(planes), read(image(HEIGHT, WIDTH, 24, blueGreenRed(planes, 4)), RGB));
  }

  @Test
  @DisplayName("colours become gray as Pillow does it, and gray becomes three equal planes")
  void gray() {
    // Image.fromarray(np.uint8([[[255,0,0],[0,255,0],[0,0,255]],[[255,255,255],[10,20,30],[1,0,0]]]))
    // .convert("L") holds 76 150 29 255 18 0
    int[] planes = {255, 0, 0, 255, 10, 1, 0, 255, 0, 255, 20, 0, 0, 0, 255, 255, 30, 0};
    assertArrayEquals(
        new float[] {76, 150, 29, 255, 18, 0},
        read(image(HEIGHT, WIDTH, 16, blueGreenRed(planes, 3)), GRAY));
    byte[] levels = {0, 1, 127, (byte) 128, (byte) 200, (byte) 255};
    float[] plane = {0, 1, 127, 128, 200, 255};
    assertArrayEquals(plane, read(image(HEIGHT, WIDTH, 0, levels), GRAY));
    float[] three = read(image(HEIGHT, WIDTH, 0, levels), RGB);
    for (int c = 0; c < 3; c++) {
      assertArrayEquals(plane, Arrays.copyOfRange(three, c * PIXELS, (c + 1) * PIXELS));
    }
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        BufferedImage.TYPE_3BYTE_BGR,
        BufferedImage.TYPE_INT_ARGB,
        BufferedImage.TYPE_INT_RGB
      })
  @DisplayName("a PNG file gives the values it was written with")
  void png(int type) throws Exception {
    int[] planes = planes();
    assertArrayEquals(floats(planes), read(file(encoded(image(planes, type), "png")), RGB));
  }

  @Test
  @DisplayName("a gray file gives its levels as they are, and a palette its colours")
  void grayAndIndexed() throws Exception {
    BufferedImage gray = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_BYTE_GRAY);
    int[] levels = {0, 1, 127, 128, 200, 255};
    gray.getRaster().setSamples(0, 0, WIDTH, HEIGHT, 0, levels);
    assertArrayEquals(floats(levels), read(file(encoded(gray, "png")), GRAY));
    int[] web = {0, 51, 102, 153, 204, 255, 0, 255, 0, 255, 0, 255, 255, 0, 51, 51, 102, 0};
    BufferedImage indexed = image(web, BufferedImage.TYPE_BYTE_INDEXED);
    assertArrayEquals(floats(web), read(file(encoded(indexed, "png")), RGB));
  }

  @Test
  @DisplayName("JPEG files, and the image source of Spark on the same file, give the same pixels")
  void jpegAsSparkReadsIt(@TempDir Path dir) throws Exception {
    byte[] content = encoded(image(planes(), BufferedImage.TYPE_INT_RGB), "jpg");
    File path = dir.resolve("a.jpg").toFile();
    java.nio.file.Files.write(path.toPath(), content);
    Dataset<Row> images = spark.read().format("image").load(path.toString());
    for (List<Long> shape : List.of(RGB, GRAY)) {
      assertArrayEquals(read(images, shape), read(file(content), shape));
    }
    assertEquals(RGB, InputShapes.ofFirstRow(images, List.of("image")));
    assertEquals(RGB, InputShapes.ofFirstRow(file(content), List.of("image")));
  }

  // What is wrong, in one sentence

  @Test
  void sizesThatDiffer() throws Exception {
    String sentence =
        "Column image must hold images of height 4 and width 4 (inputShape [3, 4, 4]) but holds one"
            + " of height 2 and width 3 in row 5 of partition 2%s; resize it before.";
    List<Long> shape = List.of(3L, 4L, 4L);
    assertEquals(
        sentence.formatted(" (file:/a.png)"),
        rejection(image(HEIGHT, WIDTH, 16, blueGreenRed(planes(), 3)), shape));
    byte[] content = encoded(image(planes(), BufferedImage.TYPE_INT_RGB), "png");
    assertEquals(sentence.formatted(""), rejection(file(content), shape));
  }

  @ParameterizedTest
  @ValueSource(ints = {18, 21, 8, -1})
  void modesOfMoreThanEightBits(int mode) {
    String name =
        switch (mode) {
          case 18 -> "CV_16UC3";
          case 21 -> "CV_32FC3";
          case 8 -> "CV_8UC2";
          default -> "undefined (-1)";
        };
    assertEquals(
        "Column image must hold images of mode CV_8UC1, CV_8UC3 or CV_8UC4 (8 bits per channel) but"
            + " holds one of mode %s in row 5 of partition 2 (file:/a.png); convert it before."
                .formatted(name),
        rejection(image(HEIGHT, WIDTH, mode, new byte[99]), RGB));
  }

  @Test
  void filesThatAreBroken() throws Exception {
    byte[] png = encoded(image(planes(), BufferedImage.TYPE_INT_RGB), "png");
    String broken = rejection(file(Arrays.copyOf(png, 50)), RGB);
    assertTrue(
        broken.startsWith("Column image holds a broken PNG image in row 5 of partition 2: "),
        broken);
    assertEquals(
        "Column image must hold the bytes of PNG or JPEG files but holds something else in row 5 of"
            + " partition 2.",
        rejection(file(new byte[] {'G', 'I', 'F', '8', '9', 'a', 0, 0, 0, 0}), RGB));
    assertEquals(
        "Column image holds a broken image in row 5 of partition 2 (file:/a.png): 2 × 3 pixels of 3"
            + " channels are 18 bytes, but it has 17.",
        rejection(image(HEIGHT, WIDTH, 16, new byte[17]), RGB));
    BufferedImage deep = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_USHORT_GRAY);
    assertEquals(
        "Column image must hold images of 8 bits per channel but holds one of 16 in row 5 of"
            + " partition 2; convert it before.",
        rejection(file(encoded(deep, "png")), GRAY));
  }

  @Test
  void shapesThatNoImageHas() {
    Dataset<Row> image = image(HEIGHT, WIDTH, 16, new byte[18]);
    for (List<Long> shape : List.of(List.of(18L), List.of(2L, 3L, 3L))) {
      assertEquals(
          "inputShape: expected [3, height, width] or [1, height, width] for the images of column"
              + " image, got %s.".formatted(shape),
          rejection(image, shape));
    }
    Dataset<Row> missing =
        image.select(functions.lit(null).cast(image.schema().apply(0).dataType()).as("image"));
    assertEquals(
        "Vectors MUST NOT be Null, but column image is null in row 5 of partition 2.",
        rejection(missing, RGB));
  }
}
