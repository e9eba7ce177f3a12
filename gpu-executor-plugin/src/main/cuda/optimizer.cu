// SPDX-License-Identifier: Apache-2.0
// Steps of optimisers, all parameters in one launch. The table says which block does what: a number for each block,
// tensor·2³² + chunk of CHUNK elements, then a row for each tensor: its length, then the addresses of the parameter, its
// gradient and the optimiser's state.
#include "reduce.cuh"

namespace {

constexpr int CHUNK = 4096;

// What block blockIdx.x does; STATES tensors beside the parameter and its gradient.
template <typename T, int STATES>
struct Chunk {
  int length;
  T* tensors[2 + STATES];

  __device__ explicit Chunk(const long long* table) {
    const long long entry = table[blockIdx.x];
    const long long* row = table + gridDim.x + (entry >> 32) * (3 + STATES);
    const long long begin = (entry & 0xffffffffLL) * CHUNK;
    length = int(min((long long)CHUNK, row[0] - begin));
    for (int t = 0; t < 2 + STATES; t++) {
      T* start = reinterpret_cast<T*>(row[1 + t]);
      tensors[t] = start ? start + begin : nullptr;
    }
  }

  // Calls f(values) with a reference to T[2 + STATES] for each element, which it changes; the gradient stays, and so do
  // the tensors from `writes` on and those that are not there.
  template <typename F>
  __device__ void each(F f) const {
    constexpr int VEC = Pack<T>::SIZE;
    const int whole = length / VEC * VEC;
    for (int i = threadIdx.x * VEC; i < whole; i += BLOCK * VEC) {
      Pack<T> packs[2 + STATES];
      for (int t = 0; t < 2 + STATES; t++)
        if (tensors[t]) packs[t] = *reinterpret_cast<const Pack<T>*>(tensors[t] + i);
      for (int k = 0; k < VEC; k++) {
        T values[2 + STATES];
        for (int t = 0; t < 2 + STATES; t++) values[t] = packs[t].v[k];
        f(values);
        for (int t = 0; t < 2 + STATES; t++) packs[t].v[k] = values[t];
      }
      for (int t = 0; t < 2 + STATES; t++)
        if (t != 1 && tensors[t]) *reinterpret_cast<Pack<T>*>(tensors[t] + i) = packs[t];
    }
    const int i = whole + threadIdx.x;
    if (i < length) {
      T values[2 + STATES];
      for (int t = 0; t < 2 + STATES; t++)
        if (tensors[t]) values[t] = tensors[t][i];
      f(values);
      for (int t = 0; t < 2 + STATES; t++)
        if (t != 1 && tensors[t]) tensors[t][i] = values[t];
    }
  }
};

// Without a decay the parameter is left out, since 0 times an infinity is NaN.
template <typename T>
__device__ T decayed(T gradient, T decay, T parameter) {
  return decay == 0 ? gradient : gradient + decay * parameter;
}

// PyTorch's SGD with the state momentum buffer.
template <typename T>
__device__ void sgd(const long long* table, T lr, T momentum, T damped, T decay, T sign, int nesterov, int firstStep) {
  const Chunk<T, 1> chunk(table);
  const bool hasMomentum = chunk.tensors[2];
  chunk.each([&](T (&v)[3]) {
    T step = decayed(sign * v[1], decay, v[0]);
    if (hasMomentum) {
      v[2] = firstStep ? step : momentum * v[2] + damped * step;
      step = nesterov ? step + momentum * v[2] : v[2];
    }
    v[0] -= lr * step;
  });
}

// PyTorch's Adam with the states first and second moment and, of amsgrad, the largest second moment. `keep` is what a
// decoupled weight decay leaves, `root` undoes the bias of the second moment's root.
template <typename T>
__device__ void adam(const long long* table, T beta1, T beta2, T new1, T new2, T stepSize, T root, T eps, T decay,
                     T keep, T sign) {
  const Chunk<T, 3> chunk(table);
  const bool amsgrad = chunk.tensors[4];
  chunk.each([&](T (&v)[5]) {
    const T g = decayed(sign * v[1], decay, v[0]);
    v[2] = beta1 * v[2] + new1 * g;
    v[3] = beta2 * v[3] + new2 * (g * g);
    T second = v[3];
    if (amsgrad) {
      if (second > v[4] || second != second) v[4] = second;
      second = v[4];
    }
    v[0] = keep * v[0] - stepSize * v[2] / (sqrt(second) * root + eps);
  });
}

}  // namespace

#define STEPS(F, T)                                                                                                    \
  extern "C" __global__ void __launch_bounds__(BLOCK)                                                                  \
      sgd_step_##F(const long long* table, T lr, T momentum, T damped, T decay, T sign, int nesterov, int firstStep) { \
    sgd(table, lr, momentum, damped, decay, sign, nesterov, firstStep);                                                \
  }                                                                                                                    \
  extern "C" __global__ void __launch_bounds__(BLOCK)                                                                  \
      adam_step_##F(const long long* table, T beta1, T beta2, T new1, T new2, T stepSize, T root, T eps, T decay,      \
                    T keep, T sign) {                                                                                  \
    adam(table, beta1, beta2, new1, new2, stepSize, root, eps, decay, keep, sign);                                     \
  }

STEPS(f32, float)
STEPS(f64, double)
