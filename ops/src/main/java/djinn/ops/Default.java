package djinn.ops;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The value a component of a configuration record takes when a recipe leaves its key out; without it, the key is required. */
@Target(ElementType.RECORD_COMPONENT)
@Retention(RetentionPolicy.RUNTIME)
public @interface Default {

    /** Returns the value as YAML text: {@code "0.9"}, {@code "[0, 1]"}, {@code "crop"}. */
    String value();
}
