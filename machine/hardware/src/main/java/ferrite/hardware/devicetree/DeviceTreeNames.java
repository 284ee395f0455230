package ferrite.hardware.devicetree;

import java.util.Locale;

/**
 * Rules for the names of nodes and properties.
 *
 * <p>The Devicetree Specification v0.4, sections 2.2.1 and 2.2.4.1, lists the characters and allows 31 of them. The
 * trees of real boards have longer names and a few more characters. The rules here are therefore only those that keep a
 * path unambiguous and a message readable.
 */
final class DeviceTreeNames {
    static final int MAX_LENGTH = 255;

    private DeviceTreeNames() {
    }

    /** Returns the fault of a name, or null if it has none. */
    static String faultOf(CharSequence name) {
        if (name.length() == 0) {
            return "it is empty";
        }
        if (name.length() > MAX_LENGTH) {
            return "it is longer than " + MAX_LENGTH + " characters";
        }
        return faultOfCharacters(name);
    }

    private static String faultOfCharacters(CharSequence name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c <= ' ' || c > '~' || c == '/') {
                return String.format(Locale.ROOT,
                        "character 0x%02x at its position %d is not a visible ASCII character other "
                                + "than '/'", (int) c, i);
            }
        }
        return null;
    }
}
