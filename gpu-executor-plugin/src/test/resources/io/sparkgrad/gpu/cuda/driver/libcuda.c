// SPDX-License-Identifier: Apache-2.0
// Enough of libcuda.so.1 to see what JCuda passes on: memory is the host's and all work is done at once. A kernel writes
// down its grid, its block and the bytes of its arguments behind the first, which is an address: it stores 42 there.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int CUresult;
typedef struct {
  void* func;
  unsigned grid[3], block[3], shared;
  void** params;
  void** extra;
  void* kern;
  void* ctx;
} Node;
typedef struct {
  Node nodes[64];
  unsigned char bytes[64][4096];
  int count;
} Graph;

static FILE* out() {
  static FILE* file;
  if (!file) file = fopen(getenv("FAKE_CUDA_LOG"), "a");
  return file;
}
#define LOG(...) (fprintf(out(), __VA_ARGS__), fflush(out()))

CUresult cuGetErrorName(int e, const char** s) { *s = e == 2 ? "CUDA_ERROR_OUT_OF_MEMORY" : "CUDA_ERROR_INVALID_PTX"; return e == 2 || e == 218 ? 0 : 1; }
CUresult cuGetErrorString(int e, const char** s) { *s = e == 2 ? "out of memory" : "a PTX JIT compilation failed"; return 0; }
CUresult cuInit(unsigned f) { return 0; }
CUresult cuDriverGetVersion(int* v) { *v = 12040; return 0; }
CUresult cuDeviceGet(int* d, int i) { *d = i; return i < 2 ? 0 : 101; }
CUresult cuDeviceGetName(char* s, int n, int d) { snprintf(s, n, "Fake GPU %d", d); return 0; }
CUresult cuDeviceGetUuid(unsigned char* u, int d) { for (int i = 0; i < 16; i++) u[i] = i + 1; return 0; }
CUresult cuDeviceGetAttribute(int* v, int a, int d) {
  *v = a == 75 ? 8 : a == 76 ? 6 : a == 16 ? 46 : a == 97 ? 101376 : -1;
  return 0;
}
CUresult cuDevicePrimaryCtxRetain(void** c, int d) { if (!d) return 46; *c = (void*)(long)(100 + d); LOG("retain %d\n", d); return 0; }
CUresult cuDevicePrimaryCtxRelease_v2(int d) { LOG("release %d\n", d); return 0; }
CUresult cuCtxSetCurrent(void* c) { LOG("current %ld\n", (long)c); return 0; }
// What another library says has happened, once.
CUresult cuCtxSynchronize() { char* s = getenv("FAKE_CUDA_STATUS"); int status = s ? atoi(s) : 0; unsetenv("FAKE_CUDA_STATUS"); return status; }
CUresult cuMemAlloc_v2(void** p, size_t n) { if (n > 1 << 30) return 2; *p = aligned_alloc(256, (n + 255) / 256 * 256); LOG("alloc %zu\n", n); return 0; }
CUresult cuMemFree_v2(void* p) { free(p); LOG("free\n"); return 0; }
CUresult cuMemAllocHost_v2(void** p, size_t n) { *p = malloc(n); return 0; }
CUresult cuMemFreeHost(void* p) { free(p); LOG("free host\n"); return 0; }
CUresult cuMemGetInfo_v2(size_t* f, size_t* t) { *f = 3000000000UL; *t = 8000000000UL; return 0; }
CUresult cuStreamCreate(void** s, unsigned f) { static long n = 7; *s = (void*)n++; LOG("stream flags %u\n", f); return 0; }
CUresult cuStreamDestroy_v2(void* s) { return 0; }
CUresult cuStreamSynchronize(void* s) { return 0; }
CUresult cuStreamWaitEvent(void* s, void* e, unsigned f) { LOG("stream %ld waits for %ld\n", (long)s, (long)e); return 0; }
CUresult cuEventCreate(void** e, unsigned f) { static long n = 70; *e = (void*)n++; LOG("event flags %u\n", f); return 0; }
CUresult cuEventDestroy_v2(void* e) { return 0; }
CUresult cuEventRecord(void* e, void* s) { LOG("event %ld in stream %ld\n", (long)e, (long)s); return 0; }
CUresult cuEventSynchronize(void* e) { return 0; }
CUresult cuEventQuery(void* e) { return (long)e == 70 ? 0 : 600; }
CUresult cuMemcpyHtoDAsync_v2(void* d, void* h, size_t n, void* s) { memcpy(d, h, n); LOG("H2D %zu in stream %ld\n", n, (long)s); return 0; }
CUresult cuMemcpyDtoHAsync_v2(void* h, void* d, size_t n, void* s) { memcpy(h, d, n); return 0; }
CUresult cuMemcpyDtoDAsync_v2(void* t, void* d, size_t n, void* s) { memcpy(t, d, n); return 0; }
CUresult cuMemsetD8Async(void* d, unsigned char v, size_t n, void* s) { memset(d, v, n); return 0; }
CUresult cuModuleLoadDataEx(void** m, const char* text, unsigned n, int* options, void** values) {
  if (strcmp(text, "bad")) { *m = strdup(text); return 0; }
  unsigned long size = 0;
  for (unsigned i = 0; i < n; i++) if (options[i] == 6) size = (unsigned long)values[i];
  for (unsigned i = 0; i < n; i++) if (options[i] == 5) snprintf(values[i], size, "line 1: bad");
  return 218;
}
CUresult cuModuleUnload(void* m) { LOG("unload\n"); free(m); return 0; }
CUresult cuModuleGetFunction(void** f, void* m, const char* name) { *f = strdup(name); return strcmp(name, "none") ? 0 : 500; }
CUresult cuFuncSetAttribute(void* f, int a, int v) { LOG("%s attribute %d = %d\n", (char*)f, a, v); return 0; }

static void run(const char* name, unsigned* g, unsigned* b, unsigned shared, void** extra, void* stream) {
  if ((long)extra[0] != 1 || (long)extra[2] != 2 || extra[4]) { LOG("bad extra\n"); return; }
  unsigned char* arguments = extra[1];
  size_t size = *(size_t*)extra[3];
  LOG("%s %u,%u,%u %u,%u,%u shared %u stream %ld:", name, g[0], g[1], g[2], b[0], b[1], b[2], shared, (long)stream);
  for (size_t i = 8; i < size; i++) LOG(" %02x", arguments[i]);
  LOG("\n");
  **(int**)arguments = 42;
}
CUresult cuLaunchKernel(void* f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared, void* stream, void** params, void** extra) {
  if (params) return 1;
  unsigned g[] = {gx, gy, gz}, b[] = {bx, by, bz};
  run(f, g, b, shared, extra, stream);
  return 0;
}

CUresult cuGraphCreate(void** g, unsigned f) { *g = calloc(1, sizeof(Graph)); return 0; }
static void keep(Graph* g, int i, const Node* n) {
  g->nodes[i] = *n;
  memcpy(g->bytes[i], n->extra[1], *(size_t*)n->extra[3]);
  void** extra = malloc(6 * sizeof(void*));
  extra[0] = (void*)1; extra[1] = g->bytes[i]; extra[2] = (void*)2; extra[3] = &extra[5]; extra[4] = 0;
  extra[5] = (void*)*(size_t*)n->extra[3];
  g->nodes[i].extra = extra;
}
CUresult cuGraphAddKernelNode_v2(void** node, Graph* g, void** dependencies, size_t n, const Node* params) {
  if (params->params || params->kern || params->ctx) { LOG("params %p kern %p ctx %p\n", params->params, params->kern, params->ctx); return 1; }
  LOG("node %s after %zu: %ld\n", (char*)params->func, n, n ? (long)dependencies[0] : 0);
  if (params->grid[0] == 999) return 2;
  keep(g, g->count++, params);
  *node = (void*)(long)g->count;
  return 0;
}
CUresult cuGraphInstantiateWithFlags(void** e, Graph* g, unsigned long long f) { *e = g; return 0; }
CUresult cuGraphExecKernelNodeSetParams_v2(Graph* g, void* node, const Node* params) {
  if (params->kern || params->ctx) { LOG("kern %p ctx %p\n", params->kern, params->ctx); return 1; }
  keep(g, (long)node - 1, params);
  return 0;
}
CUresult cuGraphLaunch(Graph* g, void* stream) {
  for (int i = 0; i < g->count; i++) run(g->nodes[i].func, g->nodes[i].grid, g->nodes[i].block, g->nodes[i].shared, g->nodes[i].extra, stream);
  return 0;
}
CUresult cuGraphExecDestroy(void* e) { return 0; }
CUresult cuGraphDestroy(void* g) { LOG("destroy graph\n"); return 0; }
