package djinn.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A recipe to be handed on inside a file: without the folders of the machine it was run on. */
final class PortableRecipe {

    /** A scalar of a whole line that begins as an absolute path does, on whichever system. */
    private static final Pattern ABSOLUTE =
            Pattern.compile("(?m)^(\\s*(?:- )?\\w+: )([\"']?)((?:file:)?(?:/|~|\\\\|[A-Za-z]:[\\\\/]).*?)\\2\\s*$");

    private static final Pattern FOLDERS = Pattern.compile(".*[/\\\\](?=[^/\\\\]+[/\\\\]*$)");

    private PortableRecipe() {}

    /** Returns the text with the last name of each absolute path in place of the path. */
    static String of(String yaml) {
        Matcher paths = ABSOLUTE.matcher(yaml);
        return paths.replaceAll(path -> Matcher.quoteReplacement(path.group(1)
                + path.group(2)
                + FOLDERS.matcher(path.group(3)).replaceFirst("").replaceAll("[/\\\\]+$", "")
                + path.group(2)));
    }
}
