// SPDX-License-Identifier: Apache-2.0
#pragma once

// As io.sparkgrad.backend.Conv2dGeometry, then what the host chose.
struct Conv2dSizes {
  int n, inChannels, height, width, outChannels, kernelHeight, kernelWidth;
  int strideHeight, strideWidth, padHeight, padWidth, dilationHeight, dilationWidth, groups;
  int outHeight, outWidth;
  int kPerSplit;  // a multiple of the tile's, where there is one
  int total;      // elements of the result
};
