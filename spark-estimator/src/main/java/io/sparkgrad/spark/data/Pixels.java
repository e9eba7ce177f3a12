// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import java.nio.ByteBuffer;

/**
 * An image of 8 bits per channel, row by row, the channels of a pixel beside each other.
 *
 * @param channels 1 for gray, 3 for blue, green and red, 4 with an alpha channel behind them, which
 *     is left out
 */
record Pixels(int height, int width, int channels, byte[] data) {
  /** Appends the image channel by channel, as the shape wants it: red, green and blue, or gray. */
  void put(InputColumn column, Object where, ByteBuffer target) {
    checkSize(column, height, width, where);
    int n = height * width;
    if (data.length != n * channels) {
      throw new InputException(
          "Column %s holds a broken image in %s: %d × %d pixels of %d channels are %d bytes, but it has %d."
              .formatted(column.name(), where, height, width, channels, n * channels, data.length));
    }
    boolean gray = column.spec().shape().get(0) == 1;
    if (gray) {
      putGray(n, target);
    } else {
      for (int channel = 2; channel >= 0; channel--) {
        putChannel(n, channels == 1 ? 0 : channel, target);
      }
    }
  }

  static void checkSize(InputColumn column, int height, int width, Object where) {
    long wantedHeight = column.spec().shape().get(1);
    long wantedWidth = column.spec().shape().get(2);
    if (height != wantedHeight || width != wantedWidth) {
      throw new InputException(
          "Column %s must hold images of height %d and width %d (inputShape %s) but holds one of height %d and width %d in %s; resize it before."
              .formatted(
                  column.name(),
                  wantedHeight,
                  wantedWidth,
                  column.spec().shape(),
                  height,
                  width,
                  where));
    }
  }

  private void putChannel(int n, int channel, ByteBuffer target) {
    if (channels == 1) {
      target.put(data);
      return;
    }
    for (int i = 0; i < n; i++) {
      target.put(data[i * channels + channel]);
    }
  }

  /**
   * ITU-R 601-2 luma, {@code 0.299 R + 0.587 G + 0.114 B}, rounded as Pillow and torchvision do.
   */
  private void putGray(int n, ByteBuffer target) {
    if (channels == 1) {
      target.put(data);
      return;
    }
    for (int i = 0; i < n; i++) {
      int blue = data[i * channels] & 0xff;
      int green = data[i * channels + 1] & 0xff;
      int red = data[i * channels + 2] & 0xff;
      target.put((byte) ((red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16));
    }
  }
}
