package ferrite.board.web;

/**
 * A parameter of a page's query.
 *
 * @param kind     the form of its value
 * @param required whether a query must have it
 * @param summary  a line of help
 * @param max      the largest value
 */
record Parameter(String name, Kind kind, boolean required, String summary, long max) {

    private static final long MAX_ADDRESS = 0xffff_ffffL;

    /** The forms of values. */
    enum Kind {
        /** A 32-bit address, in hexadecimal after 0x or in decimal. */
        ADDRESS,
        /** A decimal number. */
        NUMBER
    }

    static Parameter address(String name, boolean required, String summary) {
        return new Parameter(name, Kind.ADDRESS, required, summary, MAX_ADDRESS);
    }

    static Parameter number(String name, String summary, long max) {
        return new Parameter(name, Kind.NUMBER, false, summary, max);
    }

    /** Parses a value. Returns -1 if it has another form, or is too large. */
    long parse(String value) {
        boolean isHex = kind == Kind.ADDRESS && value.matches("0x[0-9a-fA-F]{1,8}");
        if (!isHex && !value.matches("[0-9]{1,10}")) {
            return -1;
        }
        long parsed = isHex ? Long.parseLong(value.substring(2), 16) : Long.parseLong(value);
        return parsed <= max ? parsed : -1;
    }

    /** Returns the sentence about a wrong value. */
    String mistake() {
        return name + (kind == Kind.ADDRESS ? ": a 32-bit address is expected, for example 0xc0001000"
                : ": a number from 0 to " + max + " is expected");
    }
}
