package ferrite.debugport.gdb;

/** A packet that cannot be carried out, with a sentence for the person at the debugger. */
final class PacketException extends Exception {

    private static final long serialVersionUID = 1;

    PacketException(String sentence) {
        super(sentence, null, false, false);
    }
}
