package djinn.data;

/** Windows' bitmaps. */
final class Bmp extends ImageFormat {

    Bmp(byte[] bytes, String file) {
        super(bytes, file);
    }

    @Override
    void check() {
        // the decoder finds the end itself
    }

    @Override
    Pixels stored(int channels) {
        return Decoder.of("bmp").read(contents(), file(), channels);
    }
}
