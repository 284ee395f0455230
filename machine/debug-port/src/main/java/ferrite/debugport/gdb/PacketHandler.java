package ferrite.debugport.gdb;

/** A group of packets. */
@FunctionalInterface
interface PacketHandler {

    /** The answer to a packet that has no reply now. */
    String NO_REPLY = new String(new char[] {0});

    /** The answer to a packet that this machine does not know. */
    String UNKNOWN = "";

    /**
     * Answers a packet. Called on the thread that holds the turn.
     *
     * @param data the data of the packet
     * @return the data of the reply, {@link #NO_REPLY}, or null if it is a packet of another group
     * @throws PacketException if it cannot be carried out; the sentence is the reply
     */
    String answer(String data) throws PacketException;
}
