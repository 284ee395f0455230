package ferrite.debugport.http;

import ferrite.debugport.pipeline.Tokens;
import io.netty.channel.ChannelHandler;
import io.netty.channel.group.ChannelGroup;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;

/** HTTP for one port: makes the handler of each connection. The port's thread calls all methods. */
public final class HttpService {

    private final WebPages pages;
    private final Executor machine;
    private final Admission admission;
    private final List<EventStream> streams = new ArrayList<>();

    /**
     * Creates a service.
     *
     * @param tokens  compares the token of each request's {@code Authorization: Bearer T}; null if none is needed
     * @param scheme  the start of the port's URLs: http or https
     * @param host    the host's name as the port's user typed it; requests may name it
     * @param machine runs its tasks in order, on the thread that holds the machine's turn
     */
    public HttpService(WebPages pages, Tokens tokens, String scheme, String host, Executor machine) {
        this.pages = pages;
        this.machine = machine;
        this.admission = new Admission(scheme, host, tokens);
    }

    /**
     * Returns the handler for a connection that begins with a request. It gets the first bytes too.
     *
     * @param place is asked after each request that was admitted; false refuses it, because the port is full
     */
    public ChannelHandler newHandler(BooleanSupplier place) {
        return new HttpEntrance(this, place);
    }

    /**
     * Tells the clients of the event stream that the machine's run has ended, and disconnects them.
     *
     * @param leaving receives the connections, which close when the client has heard it
     */
    public void ended(int status, ChannelGroup leaving) {
        for (EventStream stream : List.copyOf(streams)) {
            leaving.add(stream.channel());
            stream.goAway("going away: the machine's run has ended with exit status " + status);
        }
    }

    /** Returns an answer that refuses a connection, of which no request was read. */
    public String unavailable(String sentence) {
        String json = new String(pages.error(503, sentence), StandardCharsets.UTF_8);
        return "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\nretry-after: 1\r\n"
                + "content-length: " + json.getBytes(StandardCharsets.UTF_8).length + "\r\nconnection: close\r\n\r\n"
                + json;
    }

    void opened(EventStream stream) {
        streams.add(stream);
    }

    void closed(EventStream stream) {
        streams.remove(stream);
    }

    WebPages pages() {
        return pages;
    }

    Executor machine() {
        return machine;
    }

    Admission admission() {
        return admission;
    }
}
