package djinn.data;

/** Luma and chroma of half the size to red, green and blue, as libwebp does by default. */
final class Vp8Colours {

    private Vp8Colours() {}

    static Pixels pixels(Vp8Plane[] planes, int height, int width) {
        byte[] values = new byte[Math.multiplyExact(Math.multiplyExact(height, width), 3)];
        int[] blue = new int[width];
        int[] red = new int[width];
        int to = 0;
        for (int y = 0; y < height; y++) {
            int near = y / 2;
            // the other row of chroma that is next to this one of luma; at the edges there is none
            int far = Math.max(0, Math.min((height - 1) / 2, y % 2 == 0 ? near - 1 : near + 1));
            enlarge(planes[1], near, far, blue);
            enlarge(planes[2], near, far, red);
            int row = planes[0].at(y, 0);
            for (int x = 0; x < width; x++) {
                int luma = (planes[0].value(row + x) * 19_077) >> 8;
                values[to++] = clip(luma + ((red[x] * 26_149) >> 8) - 14_234);
                values[to++] = clip(luma - ((blue[x] * 6_419) >> 8) - ((red[x] * 13_320) >> 8) + 8_708);
                values[to++] = clip(luma + ((blue[x] * 33_050) >> 8) - 17_685);
            }
        }
        return new Pixels(height, width, 3, values);
    }

    /** Nine sixteenths of the nearest, three of each beside it, one of that across; rounded in two steps. */
    private static void enlarge(Vp8Plane plane, int nearRow, int farRow, int[] to) {
        int near = plane.at(nearRow, 0);
        int far = plane.at(farRow, 0);
        int last = to.length - 1;
        to[0] = (3 * plane.value(near) + plane.value(far) + 2) >> 2;
        for (int x = 1; 2 * x <= last; x++) {
            int nearLeft = plane.value(near + x - 1);
            int nearRight = plane.value(near + x);
            int farLeft = plane.value(far + x - 1);
            int farRight = plane.value(far + x);
            int all = nearLeft + nearRight + farLeft + farRight + 8;
            to[2 * x - 1] = (((all + 2 * (nearRight + farLeft)) >> 3) + nearLeft) >> 1;
            to[2 * x] = (((all + 2 * (nearLeft + farRight)) >> 3) + nearRight) >> 1;
        }
        if (last % 2 == 1) {
            int x = last / 2;
            to[last] = (3 * plane.value(near + x) + plane.value(far + x) + 2) >> 2;
        }
    }

    /** From 14 bits to 8. */
    private static byte clip(int value) {
        return (byte) (value < 0 ? 0 : Math.min(255, value >> 6));
    }
}
