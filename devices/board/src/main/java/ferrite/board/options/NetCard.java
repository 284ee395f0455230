package ferrite.board.options;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The kinds of network cards. */
public enum NetCard {
    /** virtio-net, in a virtio slot. */
    VIRTIO,
    /** The card of our own on the {@code ferrite} board, with rings of descriptors. */
    NIC;

    /** Returns the word of the option {@code --net}. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Returns the card of a word.
     *
     * @throws IllegalArgumentException with a sentence
     */
    static NetCard of(String word) {
        return Arrays.stream(values()).filter(card -> card.word().equals(word)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("card=" + word + ": there is "
                        + Arrays.stream(values()).map(NetCard::word).collect(Collectors.joining(", "))));
    }
}
