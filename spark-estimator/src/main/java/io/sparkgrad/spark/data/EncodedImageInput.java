// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;

/** The bytes of PNG and JPEG files. Gray images stay as they are, colours are read as sRGB. */
final class EncodedImageInput implements InputReader {
  private static final long serialVersionUID = 1L;

  private final InputColumn column;
  private final int ordinal;

  EncodedImageInput(InputColumn column, int ordinal) {
    this.column = column;
    this.ordinal = ordinal;
  }

  @Override
  public void read(SpecializedGetters row, Object where, ByteBuffer target) {
    column.checkPresent(row, ordinal, where);
    byte[] file = row.getBinary(ordinal);
    decode(file, where).put(column, where, target);
  }

  private Pixels decode(byte[] file, Object where) {
    return opened(
        file,
        column.name(),
        where,
        reader -> {
          Pixels.checkSize(column, reader.getHeight(0), reader.getWidth(0), where);
          return pixels(reader.read(0), where);
        });
  }

  /** The shape of the image in the first row's file. */
  static List<Long> shape(byte[] file, String column) {
    return opened(
        file,
        column,
        "the first row",
        reader -> {
          boolean gray = reader.getRawImageType(0).getNumBands() == 1;
          return InputShapes.shape(gray ? 1 : 3, reader.getHeight(0), reader.getWidth(0));
        });
  }

  @FunctionalInterface
  private interface Reading<T> {
    T of(ImageReader reader) throws IOException;
  }

  private static <T> T opened(byte[] file, String column, Object where, Reading<T> reading) {
    String format = format(file);
    if (format.isEmpty()) {
      throw new InputException(
          "Column %s must hold the bytes of PNG or JPEG files but holds something else in %s."
              .formatted(column, where));
    }
    ImageReader reader = ImageIO.getImageReadersByFormatName(format).next();
    // Not ImageIO's own stream: that would be cached in a file.
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
      reader.setInput(in, true, true);
      return reading.of(reader);
    } catch (InputException e) {
      throw e;
    } catch (IOException | RuntimeException e) { // the decoders throw both at broken files
      throw new InputException(
          "Column %s holds a broken %s image in %s: %s"
              .formatted(column, format, where, e.getMessage()),
          e);
    } finally {
      reader.dispose();
    }
  }

  /** By what the file begins with; empty if it is neither. */
  private static String format(byte[] file) {
    if (file.length > 8 && ByteBuffer.wrap(file).getLong() == 0x89504E470D0A1A0AL) {
      return "PNG";
    }
    return file.length > 3 && ByteBuffer.wrap(file).getInt() >>> 8 == 0xFFD8FF ? "JPEG" : "";
  }

  private Pixels pixels(BufferedImage image, Object where) {
    if (image.getColorModel().getComponentSize(0) > 8) {
      throw new InputException(
          "Column %s must hold images of 8 bits per channel but holds one of %d in %s; convert it before."
              .formatted(column.name(), image.getColorModel().getComponentSize(0), where));
    }
    int height = image.getHeight();
    int width = image.getWidth();
    if (image.getColorModel().getColorSpace().getType() == ColorSpace.TYPE_GRAY
        && !(image.getColorModel() instanceof IndexColorModel)) {
      // getRGB would take the values for linear light and change them
      int[] gray = image.getRaster().getSamples(0, 0, width, height, 0, (int[]) null);
      byte[] data = new byte[gray.length];
      for (int i = 0; i < gray.length; i++) {
        data[i] = (byte) gray[i];
      }
      return new Pixels(height, width, 1, data);
    }
    if (image.getType() == BufferedImage.TYPE_3BYTE_BGR) {
      return new Pixels(
          height, width, 3, ((DataBufferByte) image.getRaster().getDataBuffer()).getData());
    }
    return new Pixels(
        height, width, 3, blueGreenRed(image.getRGB(0, 0, width, height, null, 0, width)));
  }

  private static byte[] blueGreenRed(int[] argb) {
    ByteBuffer data = ByteBuffer.allocate(argb.length * 3);
    for (int pixel : argb) {
      data.put((byte) pixel).put((byte) (pixel >> 8)).put((byte) (pixel >> 16));
    }
    return data.array();
  }
}
