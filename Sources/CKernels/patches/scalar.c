#include <string.h>

#include "../contract.h"

// One kernel row of one patch: `bytes` for each of kernel_width positions.
static void copy_row(uint8_t *out, const uint8_t *in_row, qg_taps columns, ptrdiff_t kernel_width,
                     ptrdiff_t bytes, int fill) {
  size_t before = (size_t)(columns.begin * bytes);
  size_t inside = (size_t)((columns.end - columns.begin) * bytes);
  size_t all = (size_t)(kernel_width * bytes);
  memset(out, fill, before);
  if (inside) memcpy(out + before, in_row + columns.first * bytes, inside);
  memset(out + before + inside, fill, all - before - inside);
}

// `size` is that of one element.
static void copy_patches(const qg_patches_args *p, ptrdiff_t size, int fill) {
  const qg_window *w = &p->window;
  ptrdiff_t bytes = w->channels * size;
  ptrdiff_t row_bytes = w->kernel_width * bytes;
  assert(p->out_stride >= w->kernel_height * w->kernel_width * w->channels);
  for (ptrdiff_t y = w->row_begin; y < w->row_end; y++) {
    qg_taps rows = qg_rows_of(w, y);
    for (ptrdiff_t x = 0; x < w->out_width; x++) {
      qg_taps columns = qg_columns_of(w, x);
      uint8_t *out = (uint8_t *)p->out + (y * w->out_width + x) * p->out_stride * size;
      for (ptrdiff_t ky = 0; ky < w->kernel_height; ky++, out += row_bytes) {
        if (ky < rows.begin || ky >= rows.end) {
          memset(out, fill, (size_t)row_bytes);
        } else {
          ptrdiff_t in_y = rows.first + ky - rows.begin;
          const uint8_t *in_row = (const uint8_t *)p->in + in_y * w->width * bytes;
          copy_row(out, in_row, columns, w->kernel_width, bytes, fill);
        }
      }
    }
  }
}

void qg_patches_f32_scalar(const qg_patches_args *p) { copy_patches(p, sizeof(float), 0); }

void qg_patches_u8_scalar(const qg_patches_args *p) { copy_patches(p, 1, p->fill); }
