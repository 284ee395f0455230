package ferrite.board.matrix;

/** The axis of the ways in which a driver gives memory to a device. */
enum Call {

    MAP_SINGLE("map_single"), MAP_PAGE("map_page"), MAP_SG("map_sg"), ALLOC_COHERENT("alloc_coherent"),
    /** An 8-bit channel of the ISA controller, by physical address. */
    ISA("isa"),
    /** A 16-bit channel of the ISA controller, by physical address. */
    ISA16("isa16");

    private final String text;

    Call(String text) {
        this.text = text;
    }

    boolean isIsa() {
        return this == ISA || this == ISA16;
    }

    boolean isStreaming() {
        return this == MAP_SINGLE || this == MAP_PAGE || this == MAP_SG;
    }

    @Override
    public String toString() {
        return text;
    }
}
