package djinn.data.published;

import java.net.URI;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One file of a public data set.
 *
 * @param url where it is
 * @param bytes its size; empty if no document tells it
 * @param sha256 its SHA-256 in lower-case hexadecimal; empty if no document tells it
 * @param md5 its MD5 in the same form, asked for where there is no SHA-256
 * @param unpack what is done with it
 */
public record PublishedFile(
        URI url, OptionalLong bytes, Optional<String> sha256, Optional<String> md5, Unpacking unpack) {

    /** What becomes of a file that has come. */
    public enum Unpacking {
        /** It is used as it is. */
        KEEP,
        /** A zip archive, replaced by what is in it. */
        ZIP,
        /** A tar archive, plain or packed by gzip, replaced by what is in it. */
        TAR
    }

    /**
     * Checks what a download relies on.
     *
     * @throws IllegalArgumentException if a hash is no hash of its kind, or the address does not end in a file's name
     */
    public PublishedFile {
        sha256.ifPresent(digits -> requireDigits(digits, 64));
        md5.ifPresent(digits -> requireDigits(digits, 32));
        if (!fileName(url).matches("[\\w-][\\w.-]*")) {
            throw new IllegalArgumentException("expected an address that ends in a file's name, got " + url);
        }
    }

    private static void requireDigits(String digits, int count) {
        if (!digits.matches("[0-9a-f]{" + count + "}")) {
            throw new IllegalArgumentException("expected " + count + " hexadecimal digits, got '" + digits + "'");
        }
    }

    /** Returns the name under which it comes into the folder: the last of its address. */
    public String name() {
        return fileName(url);
    }

    private static String fileName(URI url) {
        return url.getPath().substring(url.getPath().lastIndexOf('/') + 1);
    }

    /** Returns the best hash that is known, as the algorithm calls itself. */
    Optional<Hash> hash() {
        return sha256.map(digits -> new Hash("SHA-256", digits)).or(() -> md5.map(digits -> new Hash("MD5", digits)));
    }

    /**
     * A digest of a file.
     *
     * @param algorithm {@code SHA-256} or {@code MD5}
     * @param digits lower-case hexadecimal
     */
    record Hash(String algorithm, String digits) {}
}
