#include <string.h>

#include "../contract.h"

// Where a transposed window reads along one axis: the image position for a distance in the result, or -1.
static ptrdiff_t position_of(ptrdiff_t distance, ptrdiff_t stride, ptrdiff_t extent) {
  if (distance < 0 || distance % stride != 0) return -1;
  return distance / stride < extent ? distance / stride : -1;
}

static void copy_transposed(const qg_patches_args *p, ptrdiff_t size, int fill) {
  const qg_window *w = &p->window;
  size_t bytes = (size_t)(w->channels * size);
  for (ptrdiff_t y = w->row_begin; y < w->row_end; y++) {
    for (ptrdiff_t x = 0; x < w->out_width; x++) {
      uint8_t *out = (uint8_t *)p->out + (y * w->out_width + x) * p->out_stride * size;
      for (ptrdiff_t ky = 0; ky < w->kernel_height; ky++) {
        ptrdiff_t down = y + w->padding_top - ky * w->dilation_height;
        ptrdiff_t row = position_of(down, w->stride_height, w->height);
        for (ptrdiff_t kx = 0; kx < w->kernel_width; kx++, out += bytes) {
          ptrdiff_t along = x + w->padding_left - kx * w->dilation_width;
          ptrdiff_t column = position_of(along, w->stride_width, w->width);
          if (row < 0 || column < 0) {
            memset(out, fill, bytes);
          } else {
            memcpy(out, (const uint8_t *)p->in + (size_t)(row * w->width + column) * bytes, bytes);
          }
        }
      }
    }
  }
}

// One kernel row of one patch: `bytes` for each of kernel_width positions.
static void copy_row(uint8_t *out, const uint8_t *in_row, qg_taps columns, ptrdiff_t kernel_width,
                     ptrdiff_t bytes, int fill) {
  size_t before = (size_t)(columns.begin * bytes);
  size_t inside = (size_t)((columns.end - columns.begin) * bytes);
  size_t all = (size_t)(kernel_width * bytes);
  memset(out, fill, before);
  if (columns.step == 1 && inside) {
    memcpy(out + before, in_row + columns.first * bytes, inside);
  } else {
    for (ptrdiff_t kx = columns.begin; kx < columns.end; kx++) {
      ptrdiff_t x = columns.first + (kx - columns.begin) * columns.step;
      memcpy(out + kx * bytes, in_row + x * bytes, (size_t)bytes);
    }
  }
  memset(out + before + inside, fill, all - before - inside);
}

// `size` is that of one element.
static void copy_patches(const qg_patches_args *p, ptrdiff_t size, int fill) {
  const qg_window *w = &p->window;
  ptrdiff_t bytes = w->channels * size;
  ptrdiff_t row_bytes = w->kernel_width * bytes;
  assert(p->out_stride >= w->kernel_height * w->kernel_width * w->channels);
  if (p->transposed) return copy_transposed(p, size, fill);
  for (ptrdiff_t y = w->row_begin; y < w->row_end; y++) {
    qg_taps rows = qg_rows_of(w, y);
    for (ptrdiff_t x = 0; x < w->out_width; x++) {
      qg_taps columns = qg_columns_of(w, x);
      uint8_t *out = (uint8_t *)p->out + (y * w->out_width + x) * p->out_stride * size;
      for (ptrdiff_t ky = 0; ky < w->kernel_height; ky++, out += row_bytes) {
        if (ky < rows.begin || ky >= rows.end) {
          memset(out, fill, (size_t)row_bytes);
        } else {
          ptrdiff_t in_y = rows.first + (ky - rows.begin) * rows.step;
          const uint8_t *in_row = (const uint8_t *)p->in + in_y * w->width * bytes;
          copy_row(out, in_row, columns, w->kernel_width, bytes, fill);
        }
      }
    }
  }
}

void qg_patches_f32_scalar(const qg_patches_args *p) { copy_patches(p, sizeof(float), 0); }

void qg_patches_u8_scalar(const qg_patches_args *p) { copy_patches(p, 1, p->fill); }
