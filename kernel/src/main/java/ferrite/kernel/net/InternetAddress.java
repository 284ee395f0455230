package ferrite.kernel.net;

/** Internet addresses as numbers, and as people write them. */
public final class InternetAddress {

    /** No address: it is not one that {@link #parse} returns. */
    public static final long NONE = -1;

    private InternetAddress() { }

    /** Reads four numbers with dots. Returns the address as an unsigned number, or {@link #NONE}. */
    public static long parse(String text) {
        String[] parts = text.split("\\.", -1);
        long address = 0;
        for (String part : parts) {
            if (parts.length != 4 || !part.matches("[0-9]{1,3}") || Integer.parseInt(part) > 255) {
                return NONE;
            }
            address = address << 8 | Integer.parseInt(part);
        }
        return address;
    }

    public static String text(int address) {
        return (address >>> 24) + "." + (address >>> 16 & 0xff) + "." + (address >>> 8 & 0xff) + "." + (address & 0xff);
    }
}
