// A small application round signin.go, of docs/examples.
package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"sync"
)

type session struct {
	attempt Attempt
	person  *Person
}

var sessions sync.Map

func begin(response http.ResponseWriter, one session) {
	id := rand.Text()
	sessions.Store(id, one)
	http.SetCookie(response, &http.Cookie{Name: "app", Value: id, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

func take(request *http.Request) session {
	if cookie, err := request.Cookie("app"); err == nil {
		if one, ok := sessions.LoadAndDelete(cookie.Value); ok {
			return one.(session)
		}
	}
	return session{}
}

func main() {
	signIn, err := NewSignIn(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("GET /{$}", func(response http.ResponseWriter, request *http.Request) {
		if one := take(request); one.person != nil {
			begin(response, one)
			json.NewEncoder(response).Encode(map[string]string{"cip": one.person.CIP, "name": one.person.Name})
			return
		}
		address, attempt := signIn.Begin()
		begin(response, session{attempt: attempt})
		http.Redirect(response, request, address, http.StatusFound)
	})
	http.HandleFunc("GET /callback", func(response http.ResponseWriter, request *http.Request) {
		person, err := signIn.Finish(request.Context(), take(request).attempt, request.URL.Query())
		if err != nil {
			http.Error(response, err.Error(), http.StatusBadRequest)
			return
		}
		begin(response, session{person: person})
		http.Redirect(response, request, "/", http.StatusFound)
	})
	http.HandleFunc("POST /logout", func(response http.ResponseWriter, request *http.Request) {
		http.Redirect(response, request, signIn.SignOutAddress(take(request).person), http.StatusSeeOther)
	})
	http.HandleFunc("GET /signed-out", func(response http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(response, "Au revoir")
	})
	log.Fatal(http.ListenAndServe("localhost:"+os.Getenv("PORT"), nil))
}
