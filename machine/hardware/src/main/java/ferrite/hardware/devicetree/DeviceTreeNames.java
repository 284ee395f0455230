package ferrite.hardware.devicetree;

import java.util.Locale;

/**
 * Which names nodes and properties may have. The Devicetree Specification v0.4, sections 2.2.1 and 2.2.4.1, lists the
 * characters and allows 31 of them; the trees of real boards have longer names and a few more characters, so what is
 * held here is what keeps a path unambiguous and a message readable.
 */
final class DeviceTreeNames {
    static final int MAX_LENGTH = 255;

    private DeviceTreeNames() {
    }

    /** Returns what is wrong with the name, or null if nothing is. */
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
                return String.format(Locale.ROOT, "character 0x%02x at its position %d is not a visible ASCII character other "
                        + "than '/'", (int) c, i);
            }
        }
        return null;
    }
}
