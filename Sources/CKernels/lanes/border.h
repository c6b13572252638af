// What a convolution sees at the border of its image; after contract.h.

#include <string.h>

// `count` elements from element `from` on of what kernel row ky sees at one output pixel, with `fill`
// outside the image and past the kernel row.
static void gather(const qg_window *w, const void *in, ptrdiff_t size, ptrdiff_t pixel, ptrdiff_t ky,
                   ptrdiff_t from, ptrdiff_t count, int fill, uint8_t *to) {
  ptrdiff_t y = pixel / w->out_width * w->stride_height - w->padding_top + ky;
  ptrdiff_t x = pixel % w->out_width;
  qg_taps columns = qg_columns_of(w, x);
  memset(to, fill, (size_t)(count * size));
  if (y < 0 || y >= w->height) return;
  ptrdiff_t begin = columns.begin * w->channels > from ? columns.begin * w->channels : from;
  ptrdiff_t end = qg_smaller(columns.end * w->channels, from + count);
  if (begin >= end) return;
  ptrdiff_t first = (y * w->width + x * w->stride_width - w->padding_left) * w->channels + begin;
  memcpy(to + (begin - from) * size, (const uint8_t *)in + first * size,
         (size_t)((end - begin) * size));
}
