package djinn.data.proposals;

import djinn.data.Pixels;

/** In which colours an image is looked at; each channel is spread over 0 to 255. */
public enum ColourSpace {

    /** Hue, saturation and value. */
    HSV {
        @Override
        void convert(float r, float g, float b, float[] to) {
            float most = Math.max(r, Math.max(g, b));
            float range = most - Math.min(r, Math.min(g, b));
            float sixths = 0;
            if (range > 0) {
                if (most == r) {
                    sixths = (g - b) / range;
                } else if (most == g) {
                    sixths = 2 + (b - r) / range;
                } else {
                    sixths = 4 + (r - g) / range;
                }
            }
            to[0] = (sixths < 0 ? sixths + 6 : sixths) / 6 * 255;
            to[1] = most > 0 ? range / most * 255 : 0;
            to[2] = most * 255;
        }
    },
    /** CIE L*a*b* of sRGB under the light D65; a* and b* begin at -128. */
    LAB {
        @Override
        void convert(float r, float g, float b, float[] to) {
            double red = linear(r);
            double green = linear(g);
            double blue = linear(b);
            double x = root((.4124564 * red + .3575761 * green + .1804375 * blue) / .95047);
            double y = root(.2126729 * red + .7151522 * green + .0721750 * blue);
            double z = root((.0193339 * red + .1191920 * green + .9503041 * blue) / 1.08883);
            to[0] = (float) ((116 * y - 16) * 2.55);
            to[1] = (float) (500 * (x - y) + 128);
            to[2] = (float) (200 * (y - z) + 128);
        }
    },
    /** Red, green and blue. */
    RGB {
        @Override
        void convert(float r, float g, float b, float[] to) {
            to[0] = r * 255;
            to[1] = g * 255;
            to[2] = b * 255;
        }
    };

    /** From red, green and blue of 0 to 1. */
    abstract void convert(float r, float g, float b, float[] to);

    private static final double[] LINEAR = new double[256];

    static {
        for (int i = 0; i < LINEAR.length; i++) {
            double share = i / 255.;
            LINEAR[i] = share <= .04045 ? share / 12.92 : Math.pow((share + .055) / 1.055, 2.4);
        }
    }

    private static double linear(float share) {
        return LINEAR[Math.round(share * 255)];
    }

    private static double root(double x) {
        return x > 216. / 24389 ? Math.cbrt(x) : (24389. / 27 * x + 16) / 116;
    }

    /** Converts an image of three channels. */
    Planes planes(Pixels image) {
        byte[] from = image.values();
        int count = image.height() * image.width();
        float[][] planes = new float[3][count];
        float[] to = new float[3];
        for (int i = 0; i < count; i++) {
            convert(share(from[3 * i]), share(from[3 * i + 1]), share(from[3 * i + 2]), to);
            for (int c = 0; c < 3; c++) {
                planes[c][i] = to[c];
            }
        }
        return new Planes(image.height(), image.width(), planes);
    }

    private static float share(byte value) {
        return (value & 0xFF) / 255f;
    }
}
