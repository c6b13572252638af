#include <string.h>

#include "../groups/layout.h"

static size_t panels_of(ptrdiff_t n) { return (size_t)qg_groups(n, QG_PANEL); }

size_t qg_packed_f32_count(ptrdiff_t n, ptrdiff_t k) {
  return panels_of(n) * (size_t)k * QG_PANEL;
}

size_t qg_packed_bf16_count(ptrdiff_t n, ptrdiff_t k) { return qg_packed_f32_count(n, k); }

size_t qg_packed_s8_bytes(ptrdiff_t n, ptrdiff_t k) {
  return panels_of(n) * (size_t)qg_groups(k, 4) * 4 * QG_PANEL;
}

size_t qg_packed_u4_bytes(ptrdiff_t n, ptrdiff_t k, ptrdiff_t group) {
  return panels_of(n) * (size_t)u4_panel_bytes(k, group);
}

void qg_pack_f32(const float *b, ptrdiff_t n, ptrdiff_t k, ptrdiff_t n_stride, ptrdiff_t k_stride,
                 float *panels) {
  for (ptrdiff_t first = 0; first < n; first += QG_PANEL) {
    for (ptrdiff_t i = 0; i < k; i++) {
      for (ptrdiff_t lane = 0; lane < QG_PANEL; lane++) {
        ptrdiff_t row = first + lane;
        *panels++ = row < n ? b[row * n_stride + i * k_stride] : 0;
      }
    }
  }
}

void qg_pack_bf16(const uint16_t *b, ptrdiff_t n, ptrdiff_t k, ptrdiff_t n_stride,
                  ptrdiff_t k_stride, uint16_t *panels) {
  for (ptrdiff_t first = 0; first < n; first += QG_PANEL) {
    for (ptrdiff_t i = 0; i < k; i++) {
      for (ptrdiff_t lane = 0; lane < QG_PANEL; lane++) {
        ptrdiff_t row = first + lane;
        *panels++ = row < n ? b[row * n_stride + i * k_stride] : 0;
      }
    }
  }
}

void qg_pack_s8(const int8_t *w, ptrdiff_t n, ptrdiff_t k, int8_t *panels, int32_t *weight_sums) {
  memset(panels, 0, qg_packed_s8_bytes(n, k));
  memset(weight_sums, 0, panels_of(n) * QG_PANEL * sizeof *weight_sums);
  ptrdiff_t panel_bytes = qg_groups(k, 4) * 4 * QG_PANEL;
  for (ptrdiff_t row = 0; row < n; row++) {
    int8_t *lane = panels + (row / QG_PANEL) * panel_bytes + (row % QG_PANEL) * 4;
    for (ptrdiff_t i = 0; i < k; i++) {
      int8_t value = w[row * k + i];
      lane[(i / 4) * (4 * QG_PANEL) + i % 4] = value;
      weight_sums[row] += value;
    }
  }
}

size_t qg_packed_convolution_s8_bytes(ptrdiff_t n, const qg_window *window) {
  size_t quads = (size_t)qg_groups(window->kernel_width * window->channels, 4);
  return panels_of(n) * (size_t)window->kernel_height * quads * 4 * QG_PANEL;
}

void qg_pack_convolution_s8(const int8_t *w, ptrdiff_t n, const qg_window *window, int8_t *panels,
                            int32_t *weight_sums) {
  memset(panels, 0, qg_packed_convolution_s8_bytes(n, window));
  memset(weight_sums, 0, panels_of(n) * QG_PANEL * sizeof *weight_sums);
  ptrdiff_t length = window->kernel_width * window->channels;
  ptrdiff_t quads = qg_groups(length, 4);
  for (ptrdiff_t row = 0; row < n; row++) {
    int8_t *lane = panels + (row / QG_PANEL) * (window->kernel_height * quads * 4 * QG_PANEL) +
                   (row % QG_PANEL) * 4;
    for (ptrdiff_t ky = 0; ky < window->kernel_height; ky++) {
      for (ptrdiff_t i = 0; i < length; i++) {
        int8_t value = *w++;
        lane[(ky * quads + i / 4) * (4 * QG_PANEL) + i % 4] = value;
        weight_sums[row] += value;
      }
    }
  }
}

void qg_pack_u4(const uint8_t *codes, const float *scale, const uint8_t *zero, ptrdiff_t n,
                ptrdiff_t k, ptrdiff_t group, uint8_t *panels) {
  assert(group > 0 && group % 8 == 0);
  memset(panels, 0, qg_packed_u4_bytes(n, k, group));
  for (ptrdiff_t row = 0; row < n; row++) {
    uint8_t *at = panels + row / QG_PANEL * u4_panel_bytes(k, group);
    ptrdiff_t lane = row % QG_PANEL;
    for (ptrdiff_t begin = 0; begin < k; begin += group, at += u4_group_bytes(group)) {
      memcpy(at + 4 * lane, scale++, sizeof *scale);
      at[u4_zeros + lane] = *zero++;
      ptrdiff_t count = qg_smaller(group, k - begin);
      for (ptrdiff_t i = 0; i < count; i++) {
        uint8_t code = *codes++;
        assert(code <= 15);
        at[u4_codes + i / 8 * (4 * QG_PANEL) + lane * 4 + i % 4] |=
            (uint8_t)(i % 8 < 4 ? code : code << 4);
      }
    }
  }
}
